#include "admin/client.h"
#include "admin/output.h"

#include <stdio.h>

static json_int_t
number(const json_t *o, const char *name)
{
	return json_integer_value(json_object_get(o, name));
}

static void
print_purposes(const json_t *names)
{
	printf("Announced:");
	for (size_t i = 0; i < json_array_size(names); i++)
		printf(" %s", output_text(json_array_get(names, i)));
	putchar('\n');
}

static void
print_staged(const json_t *s)
{
	static const struct output_column columns[] = { { "NAME", "name" }, { "MODEL", "model" },
		{ "STATE", "state" }, { 0 } };
	const json_t *refused = json_object_get(s, "refused"),
		     *waited = json_object_get(s, "waited_for");

	print_purposes(json_object_get(s, "purposes"));
	printf(
	    "Phones: %lld know them, %lld were handed them and not seen to boot since, %lld were "
	    "not handed them, %lld take no list\n",
	    (long long)number(s, "known"), (long long)number(s, "taking"),
	    (long long)number(s, "missing"), (long long)number(s, "lost"));
	if (json_is_true(json_object_get(s, "automatic")))
		printf("They count by themselves when %lld%% know them; sealtone cert activate: "
		       "now\n",
		    (long long)number(s, "share"));
	else
		puts("They count after sealtone cert activate");
	if (json_is_string(refused))
		printf("That was refused: %s\n", output_text(refused));
	if (json_array_size(waited) > 0) {
		putchar('\n');
		output_table(waited, columns);
	}
}

bool
run_cert_staged(struct invocation *in, struct err *e)
{
	json_t *staged;

	if (!client_call(in, "cert/staged", json_object(), &staged, e))
		return false;
	if (in->json)
		output_json(staged);
	else if (json_is_null(staged))
		puts("Nothing is announced.");
	else
		print_staged(staged);
	json_decref(staged);
	return true;
}
