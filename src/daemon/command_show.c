#include "daemon/commands.h"

#include "daemon/core_handout.h"

/* version 0: a bridge that was not handed out yet. */
static json_t *
shown(const struct cluster_list *list)
{
	return json_pack("{s:I, s:o, s:o}", "version", (json_int_t)list->version, "made",
	    json_time(list->made), "file", json_hex(list->file));
}

/* What this phone would be handed if it booted now; *none: no list of that kind. */
static bool
show_handed(struct core *c, const char *name, enum store_list_kind kind, json_t **result,
    bool *none, struct err *e)
{
	struct core_handout_view view;
	const struct cluster_list *list;
	struct phone p;
	bool found, ok;

	if (!store_phone_get(cluster_store(c->cluster), name, &p, &found, e))
		return false;
	if (!found)
		return err_set(e, ERR_UNKNOWN, "no phone %.60s", name);
	ok = core_handout_look(c->handouts, &p, &view, e);
	list = kind == STORE_LIST_CTL ? &view.ctl : &view.itl;
	*none = list->file.n == 0;
	if (ok && !*none)
		*result = shown(list);
	core_handout_view_free(&view);
	return ok;
}

static bool
show(struct core *c, const json_t *args, enum store_list_kind kind, const char *why_none,
    json_t **result, struct err *e)
{
	const char *phone = args_text(args, "phone");
	struct cluster_list list;
	bool none;

	if (*phone != '\0') {
		if (!show_handed(c, phone, kind, result, &none, e))
			return false;
	} else {
		none = !cluster_list(c->cluster, kind, cluster_digest(c->cluster), &list);
		if (!none)
			*result = shown(&list);
	}
	return !none || err_set(e, ERR_UNKNOWN, "%s", why_none);
}

bool
command_show_itl(struct core *c, const json_t *args, json_t **result, struct err *e)
{
	return show(c, args, STORE_LIST_ITL, "no list was published", result, e);
}

bool
command_show_ctl(struct core *c, const json_t *args, json_t **result, struct err *e)
{
	return show(
	    c, args, STORE_LIST_CTL, "the cluster is in non-secure mode and has no CTL", result, e);
}
