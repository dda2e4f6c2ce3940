#include "admin/replaced.h"

#include "admin/impactjson.h"
#include "admin/output.h"

#include <stdint.h>
#include <stdio.h>

void
replaced_add_impact(json_t *all)
{
	enum purpose p;
	size_t i;
	json_t *one;

	json_array_foreach(all, i, one)
	{
		const char *name = json_string_value(json_object_get(one, "purpose"));

		if (name != NULL && purpose_from_name(name, &p))
			json_object_set_new(one, "impact", impactjson(p));
	}
}

static void
print(const json_t *one)
{
	static const char *const fields[] = { "purpose", "subject", "issuer", "not_after", "sha256",
		NULL };
	const json_t *notes = json_object_get(one, "notes");

	output_fields(one, fields);
	for (size_t i = 0; i < json_array_size(notes); i++)
		printf("Note: %s\n", json_string_value(json_array_get(notes, i)));
	impactjson_print(json_object_get(one, "impact"));
}

void
replaced_print(const json_t *all)
{
	for (size_t i = 0; i < json_array_size(all); i++)
		print(json_array_get(all, i));
}
