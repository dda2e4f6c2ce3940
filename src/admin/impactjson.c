#include "admin/impactjson.h"

#include "admin/output.h"
#include "rules/impact.h"

#include <stdio.h>

static json_t *
records(unsigned set)
{
	json_t *all = json_array();

	for (unsigned r = IMPACT_SAST; r <= IMPACT_CAPF_RECORD; r <<= 1)
		if ((set & r) != 0)
			json_array_append_new(
			    all, json_string(impact_record_name((enum impact_record)r)));
	return all;
}

static json_t *
services(unsigned set)
{
	json_t *all = json_array();

	for (int s = 0; s < IMPACT_SERVICES; s++)
		if ((set & 1u << s) != 0)
			json_array_append_new(
			    all, json_string(impact_service_name((enum impact_service)s)));
	return all;
}

json_t *
impactjson(enum purpose p)
{
	const struct impact *i = impact_of(p);

	return json_pack("{s:s, s:o, s:o, s:o, s:b, s:s, s:s}", "purpose", purpose_name(p),
	    "itl_records", records(i->itl_records), "ctl_records", records(i->ctl_records),
	    "services", services(i->services), "ctl_update", i->ctl_records != 0, "phones_reset",
	    i->phones_reset ? "all" : "none", "then", i->then);
}

static void
print_list(const char *label, const json_t *texts)
{
	printf("  %-21s", label);
	for (size_t i = 0; i < json_array_size(texts); i++)
		printf("%s%s", i > 0 ? ", " : "", json_string_value(json_array_get(texts, i)));
	puts(json_array_size(texts) == 0 ? "none" : "");
}

void
impactjson_print(const json_t *impact)
{
	printf("When %s is replaced:\n", json_string_value(json_object_get(impact, "purpose")));
	print_list("ITL records:", json_object_get(impact, "itl_records"));
	print_list("CTL records:", json_object_get(impact, "ctl_records"));
	printf("  %-21s%s\n", "1. CTL update:",
	    json_is_true(json_object_get(impact, "ctl_update")) ? "in mixed mode" : "no");
	print_list("2. Services restart:", json_object_get(impact, "services"));
	printf("  %-21s%s\n",
	    "3. Phones reset:", output_text(json_object_get(impact, "phones_reset")));
	printf("  %-21s%s\n", "4. Then:", output_text(json_object_get(impact, "then")));
}
