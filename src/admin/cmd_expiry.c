#include "admin/client.h"
#include "admin/cmd_plan.h"
#include "admin/output.h"

#include <stdio.h>

static void
print_certificates(const json_t *rows)
{
	size_t i;
	json_t *one;

	json_array_foreach((json_t *)(uintptr_t)rows, i, one)
	{
		printf("%-16s expires %.10s: ", output_text(json_object_get(one, "where")),
		    output_text(json_object_get(one, "expires")));
		output_clean(stdout, output_text(json_object_get(one, "subject")));
		printf("\n    ");
		output_clean(stdout, output_text(json_object_get(one, "effect")));
		putchar('\n');
	}
}

static void
print_lscs(const json_t *lscs)
{
	json_int_t n = json_integer_value(json_object_get(lscs, "count"));

	if (n == 0)
		return;
	printf("%-16s of %lld phone%s, %lld with a secure profile\n    ", "LSCs", (long long)n,
	    n == 1 ? "" : "s", (long long)json_integer_value(json_object_get(lscs, "secure")));
	output_clean(stdout, output_text(json_object_get(lscs, "effect")));
	putchar('\n');
}

static void
print_steps(const json_t *steps)
{
	size_t i;
	json_t *one;

	if (json_array_size(steps) > 0)
		puts("Before that date:");
	json_array_foreach((json_t *)(uintptr_t)steps, i, one)
	    printf("%3zu. %s\n", i + 1, output_text(one));
}

bool
run_plan_expiry(struct invocation *in, struct err *e)
{
	json_t *plan;
	bool ok;

	if (!client_call(in, "plan/expiry",
		json_pack("{s:s, s:b}", "date", in->word[0], "names", invocation_names(in)), &plan,
		e))
		return false;
	if (!in->json && !in->sheet) {
		const json_t *certs = json_object_get(plan, "certificates");
		const json_t *lscs = json_object_get(plan, "lscs");

		if (json_array_size(certs) == 0 &&
		    json_integer_value(json_object_get(lscs, "count")) == 0)
			puts("No certificate expires by then.");
		print_certificates(certs);
		print_lscs(lscs);
	}
	ok = plan_print(in, plan, e);
	if (!in->json && !in->sheet)
		print_steps(json_object_get(plan, "steps"));
	json_decref(plan);
	return ok;
}
