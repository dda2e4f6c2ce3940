#include "daemon/commands.h"

/* The table of models: one object a model, whose cells have a value and whether it is documented
 * (else it is assumed). */
bool
command_report_features(struct core *c, const json_t *args, json_t **result, struct err *e)
{
	const struct modeltable *t = cluster_models(c->cluster);
	char key[JSON_KEY_MAX];

	(void)args, (void)e;
	*result = json_array();
	for (size_t i = 0; i < modeltable_count(t); i++) {
		const struct model *m = modeltable_at(t, i);
		json_t *one = json_pack("{s:s}", "model", m->name);

		for (int k = 0; k < MODELTABLE_COLUMNS; k++)
			json_object_set_new(one,
			    json_key(modeltable_column_name((enum modeltable_column)k), key),
			    json_pack("{s:s, s:b}", "value", m->cell[k].value, "documented",
				m->cell[k].documented));
		json_array_append_new(*result, one);
	}
	return true;
}
