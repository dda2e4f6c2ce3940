#include "cluster/cluster_keysize.h"

#include "cluster/cluster_internal.h"
#include "rules/keysize.h"

struct look {
	const struct modeltable *table;
	struct keysize size;
	bool any;
};

static bool
on_model(void *arg, const char *name)
{
	struct look *look = arg;
	const struct model *m = modeltable_find(look->table, name);

	if (m != NULL) {
		look->any = true;
		keysize_add(&look->size, m);
	}
	return true;
}

bool
cluster_keysize_check(const struct cluster *c, unsigned rsa_bits, struct err *e)
{
	struct look look = { .table = c->models, .size.bits = rsa_bits };

	if (!store_phone_models_each(c->store, on_model, &look, e))
		return false;
	for (size_t i = 0; !look.any && i < modeltable_count(c->models); i++)
		keysize_add(&look.size, modeltable_at(c->models, i));
	return keysize_check(&look.size, e);
}
