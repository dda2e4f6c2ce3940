#include "cluster/cluster_above.h"

#include "base/text.h"
#include "cluster/cluster_internal.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define NAME_MAX_SETTING 128
#define YES              "yes"

/* A setting: the table of trusted certificates has no column for it. */
static void
setting_name(enum trust_store store, struct span sha256, char out[NAME_MAX_SETTING])
{
	char *hex = text_hex(sha256);

	snprintf(out, NAME_MAX_SETTING, "chain-only %s %s", trust_store_name(store), hex);
	free(hex);
}

bool
cluster_above_is(
    struct store *s, enum trust_store store, struct span sha256, bool *out, struct err *e)
{
	char name[NAME_MAX_SETTING], value[STORE_VALUE_MAX];
	bool found;

	setting_name(store, sha256, name);
	if (!store_setting_get(s, name, value, &found, e))
		return false;
	*out = found && strcmp(value, YES) == 0;
	return true;
}

struct look {
	enum trust_store store;
	struct span der;
	bool found;
};

static bool
on_trust(void *arg, const struct store_trust *t)
{
	struct look *look = arg;

	look->found = t->store == look->store && span_eq(bytes_span(&t->der), look->der);
	return !look->found;
}

bool
cluster_above_add(
    struct store *s, enum trust_store store, const struct cert *c, time_t now, struct err *e)
{
	struct look look = { store, cert_der(c), false };
	char name[NAME_MAX_SETTING];

	if (!store_trust_each(s, on_trust, &look, e))
		return false;
	if (look.found)
		return true;
	setting_name(store, cert_sha256(c), name);
	return cluster_trust_once(s, store, c, now, e) && store_setting_set(s, name, YES, e);
}

bool
cluster_above_forget(struct store *s, enum trust_store store, struct span sha256, struct err *e)
{
	char name[NAME_MAX_SETTING];
	bool is_one;

	if (!cluster_above_is(s, store, sha256, &is_one, e))
		return false;
	setting_name(store, sha256, name);
	return !is_one || store_setting_set(s, name, "", e);
}
