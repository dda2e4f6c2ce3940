#include "admin/cmd_plan.h"

#include "admin/afterwards.h"
#include "admin/output.h"

#include <stdio.h>
#include <string.h>

/* In the order in which they are told, with what they mean for a phone. */
static const struct {
	const char *outcome, *means;
} outcomes[] = {
	{ "keeps", "take the new list and files as they are" },
	{ "ctl", "take them by their CTL" },
	{ "tvs", "take them when TVS, which they ask, answers" },
	{ "retired-key", "take a bridge first, signed by a key that they know: two boots" },
	{ "unknown", "were never handed a list, and nothing can be said" },
	{ "lost", "are cut off" },
};

static const json_t *
of(const json_t *plan, const char *outcome)
{
	return json_object_get(json_object_get(plan, "phones"), outcome);
}

static void
print_reasons(const json_t *groups)
{
	for (size_t i = 0; i < json_array_size(groups); i++) {
		const json_t *g = json_array_get(groups, i);

		printf("    %lld: ", (long long)json_integer_value(json_object_get(g, "phones")));
		output_clean(stdout, output_text(json_object_get(g, "reason")));
		putchar('\n');
	}
}

static void
print_phones(const json_t *phones)
{
	static const struct output_column columns[] = { { "NAME", "name" }, { "MODEL", "model" },
		{ "ERASE THE LISTS", "erase" }, { "OR RESET TO FACTORY", "factory_reset" }, { 0 } };

	if (json_array_size(phones) > 0)
		output_table(phones, columns);
}

/* Only where they are others than the command itself. */
static void
print_steps(const json_t *plan)
{
	const json_t *steps = json_object_get(plan, "steps"), *one;
	size_t i;

	if (json_integer_value(json_object_get(plan, "cut_off")) == 0 ||
	    json_array_size(steps) == 0)
		return;
	puts("In these steps nobody is lost:");
	json_array_foreach((json_t *)(uintptr_t)steps, i, one)
	    printf("%3zu. %s\n", i + 1, output_text(one));
}

static void
print_plan(const json_t *plan)
{
	size_t told = 0;

	for (size_t i = 0; i < sizeof outcomes / sizeof outcomes[0]; i++) {
		const json_t *one = of(plan, outcomes[i].outcome);
		json_int_t n = json_integer_value(json_object_get(one, "count"));

		if (n == 0)
			continue;
		told++;
		printf("%-12s %lld phone%s %s\n", outcomes[i].outcome, (long long)n,
		    n == 1 ? "" : "s", outcomes[i].means);
		print_reasons(json_object_get(one, "groups"));
	}
	if (told == 0)
		puts("There are no phones.");
	print_phones(json_object_get(of(plan, "lost"), "phones"));
	print_steps(plan);
	afterwards_print(plan);
}

bool
plan_print(struct invocation *in, const json_t *plan, struct err *e)
{
	json_int_t cut_off = json_integer_value(json_object_get(plan, "cut_off"));

	in->planned = true;
	if (in->json)
		output_json(plan);
	else
		print_plan(plan);
	if (cut_off == 0)
		return true;
	in->cuts_off = true;
	return err_set(e, ERR_REFUSED, "%lld phone%s would be cut off", (long long)cut_off,
	    cut_off == 1 ? "" : "s");
}
