#include "admin/cmd_plan.h"

#include "admin/afterwards.h"
#include "admin/output.h"
#include "admin/sheet.h"

#include <stdio.h>
#include <string.h>

/* In the order in which they are told, with what they mean for a phone. */
static const struct {
	const char *outcome, *means, *of_one;
} outcomes[] = {
	{ "keeps", "take the new list and files as they are",
	    "takes the new list and files as they are" },
	{ "ctl", "take them by their CTL", "takes them by its CTL" },
	{ "tvs", "take them when TVS, which they ask, answers",
	    "takes them when TVS, which it asks, answers" },
	{ "retired-key", "take a bridge first, signed by a key that they know: two boots",
	    "takes a bridge first, signed by a key that it knows: two boots" },
	{ "unknown", "were never handed a list, and nothing can be said",
	    "was never handed a list, and nothing can be said" },
	{ "lost", "are cut off", "is cut off" },
};

static const json_t *
of(const json_t *plan, const char *outcome)
{
	return json_object_get(json_object_get(plan, "phones"), outcome);
}

/* Why, and what those meet that are away meanwhile. */
static void
print_why(const json_t *reason, const json_t *away)
{
	output_clean(stdout, output_text(reason));
	putchar('\n');
	if (json_string_length(away) == 0)
		return;
	printf("        away meanwhile: ");
	output_clean(stdout, json_string_value(away));
	putchar('\n');
}

/* Summed up: a line for what is the same. */
static void
print_summary(const json_t *summary, const char *outcome)
{
	size_t i;
	json_t *row;

	json_array_foreach((json_t *)(uintptr_t)summary, i, row)
	{
		if (strcmp(json_string_value(json_object_get(row, "outcome")), outcome) != 0)
			continue;
		printf("    %lld: ", (long long)json_integer_value(json_object_get(row, "phones")));
		print_why(json_object_get(row, "reason"), json_object_get(row, "away"));
	}
}

/* In full: by the lists that they may hold. */
static void
print_groups(const json_t *groups)
{
	size_t i, k;
	json_t *g, *list;

	json_array_foreach((json_t *)(uintptr_t)groups, i, g)
	{
		const json_t *lists = json_object_get(g, "lists");

		printf(
		    "    %lld, with", (long long)json_integer_value(json_object_get(g, "phones")));
		json_array_foreach((json_t *)(uintptr_t)lists, k, list)
		    printf("%s %s", k > 0 ? " or" : "", json_string_value(list));
		printf("%s: ", json_array_size(lists) == 0 ? " no list" : "");
		print_why(json_object_get(g, "reason"),
		    json_object_get(json_object_get(g, "absent"), "text"));
	}
}

static void
print_phones(const json_t *phones)
{
	static const struct output_column columns[] = { { "NAME", "name" }, { "MODEL", "model" },
		{ "BY", "how" }, { "ERASE THE LISTS", "erase" },
		{ "OR RESET TO FACTORY", "factory_reset" }, { 0 } };

	if (json_array_size(phones) == 0)
		return;
	output_table(phones, columns);
	puts("--sheet prints what their users have to do.");
}

#define NAMED_MAX 8

static void
print_some(const json_t *phones)
{
	size_t n = json_array_size(phones), i;
	const json_t *one;

	json_array_foreach((json_t *)(uintptr_t)phones, i, one)
	{
		if (i == NAMED_MAX)
			break;
		printf("%s%s", i == 0 ? "    " : ", ", output_text(json_object_get(one, "name")));
	}
	if (n > NAMED_MAX)
		printf(" and %zu more: --json names them", n - NAMED_MAX);
	if (n > 0)
		putchar('\n');
}

/* What it does to phones besides their lists. */
static void
print_effects(const json_t *effects)
{
	size_t i;
	json_t *one;

	json_array_foreach((json_t *)(uintptr_t)effects, i, one)
	{
		json_int_t n = json_integer_value(json_object_get(one, "count"));
		const char *remedy = json_string_value(json_object_get(one, "remedy"));

		printf("%-12s %lld phone%s %s\n", output_text(json_object_get(one, "effect")),
		    (long long)n, n == 1 ? "" : "s", output_text(json_object_get(one, "text")));
		print_some(json_object_get(one, "phones"));
		if (remedy[0] != '\0')
			printf("    %s\n", remedy);
	}
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
print_outcome(const json_t *plan, const char *outcome, const char *means, json_int_t n)
{
	json_int_t before = json_integer_value(json_object_get(plan, "lost_before"));

	printf("%-12s %lld phone%s %s", outcome, (long long)n, n == 1 ? "" : "s", means);
	if (strcmp(outcome, "lost") == 0 && before > 0)
		printf(", %lld of them already without it", (long long)before);
	putchar('\n');
}

static void
print_plan(const json_t *plan, bool groups)
{
	size_t told = 0;

	for (size_t i = 0; i < sizeof outcomes / sizeof outcomes[0]; i++) {
		const json_t *one = of(plan, outcomes[i].outcome);
		json_int_t n = json_integer_value(json_object_get(one, "count"));

		if (n == 0)
			continue;
		told++;
		print_outcome(
		    plan, outcomes[i].outcome, n == 1 ? outcomes[i].of_one : outcomes[i].means, n);
		if (groups && json_array_size(json_object_get(one, "groups")) > 0)
			print_groups(json_object_get(one, "groups"));
		else
			print_summary(json_object_get(plan, "summary"), outcomes[i].outcome);
	}
	if (told == 0)
		puts("There are no phones.");
	print_phones(json_object_get(of(plan, "lost"), "phones"));
	print_effects(json_object_get(plan, "effects"));
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
	else if (in->sheet)
		sheet_print(stdout, json_object_get(of(plan, "lost"), "phones"));
	else
		print_plan(plan, in->groups);
	if (cut_off == 0)
		return true;
	in->cuts_off = true;
	return err_set(e, ERR_REFUSED, "%lld phone%s would be cut off", (long long)cut_off,
	    cut_off == 1 ? "" : "s");
}
