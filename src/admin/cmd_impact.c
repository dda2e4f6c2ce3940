#include "admin/answer.h"
#include "admin/impactjson.h"

bool
run_cert_impact(struct invocation *in, struct err *e)
{
	json_t *all = json_array();

	for (size_t i = 0; i < in->words; i++) {
		enum purpose p;

		if (!purpose_from_name(in->word[i], &p)) {
			json_decref(all);
			return err_set(e, ERR_UNKNOWN,
			    "no purpose \"%.40s\": callmanager, callmanager-ec, tvs, capf, "
			    "itlrecovery, web or capf-issuer",
			    in->word[i]);
		}
		json_array_append_new(all, impactjson(p));
	}
	if (in->json)
		output_json(all);
	else
		for (size_t i = 0; i < json_array_size(all); i++)
			impactjson_print(json_array_get(all, i));
	json_decref(all);
	return true;
}
