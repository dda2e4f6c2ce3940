#include "admin/heldlist.h"

#include "admin/client.h"
#include "admin/readfile.h"

#include "base/text.h"
#include "rules/signedfile.h"

#include <time.h>

static bool
of_cluster(struct invocation *in, struct heldlist *h, struct err *e)
{
	json_t *result;
	bool ok;

	if (!client_call(in, "show/itl", json_object(), &result, e))
		return err_in(e, "the cluster's list (--itl FILE names another)");
	ok = text_unhex(span_str(json_string_value(json_object_get(result, "file"))), &h->raw, e);
	json_decref(result);
	return ok;
}

bool
heldlist_read(struct invocation *in, bool ask_cluster, struct heldlist *out, struct err *e)
{
	const char *path = invocation_option(in, "itl");

	*out = (struct heldlist){ .from = path };
	if (path == NULL && (!ask_cluster || in->dir == NULL))
		return true;
	if (path == NULL)
		out->from = "the cluster's list";
	if (!(path != NULL ? readfile(path, &out->raw, e) : of_cluster(in, out, e)))
		return false;
	if (!trustlist_parse(bytes_span(&out->raw), &out->list, e))
		return err_in(e, "%s", out->from);
	out->is_there = true;
	return signedfile_check_list(&out->list, NULL, e) || err_in(e, "%s", out->from);
}

void
heldlist_free(struct heldlist *h)
{
	if (h->is_there)
		trustlist_free(&h->list);
	bytes_free(&h->raw);
}

struct trust_eval_state
heldlist_phone(const struct heldlist *h)
{
	const struct trustlist *list = h->is_there ? &h->list : NULL;
	bool is_ctl = list != NULL && trustlist_is_ctl(list);

	return (struct trust_eval_state){ .ctl = is_ctl ? list : NULL,
		.itl = is_ctl ? NULL : list,
		.tvs_servers = 1,
		.now = time(NULL) };
}
