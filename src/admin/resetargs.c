#include "admin/resetargs.h"

#include "admin/output.h"

#include "base/text.h"

#include <string.h>

#define PERCENT_MAX 100
#define WAVE_MAX    1000000
#define WAIT_MAX    2592000 /* 30 days */

static bool
pass_number(struct invocation *in, json_t *args, const char *option, unsigned long max,
    const char *unit, struct err *e)
{
	const char *text = invocation_option(in, option);
	unsigned long n;

	if (text == NULL)
		return true;
	if (!text_number(text, 0, max, &n))
		return invocation_usage(in, e, "--%s takes 0 to %lu %s", option, max, unit);
	json_object_set_new(args, option, json_integer((json_int_t)n));
	return true;
}

/* "90s", "10m", "2h", "3d". */
static bool
pass_wait(struct invocation *in, json_t *args, struct err *e)
{
	static const struct {
		char unit;
		unsigned long seconds;
	} units[] = { { 's', 1 }, { 'm', 60 }, { 'h', 3600 }, { 'd', 86400 } };
	const char *text = invocation_option(in, "wait");
	char digits[12] = "";
	unsigned long n;
	size_t length;

	if (text == NULL)
		return true;
	length = strspn(text, "0123456789");
	if (length < sizeof digits)
		memcpy(digits, text, length);
	for (size_t i = 0; i < sizeof units / sizeof units[0]; i++)
		if (text[length] == units[i].unit && text[length + 1] == '\0' &&
		    text_number(digits, 1, WAIT_MAX / units[i].seconds, &n)) {
			json_object_set_new(
			    args, "wait", json_integer((json_int_t)(n * units[i].seconds)));
			return true;
		}
	return invocation_usage(in, e, "--wait takes a time of up to 30 days: 90s, 10m, 2h, 3d");
}

bool
resetargs_pass(struct invocation *in, json_t *args, struct err *e)
{
	return pass_number(in, args, "canary", PERCENT_MAX, "percent", e) &&
	       pass_number(in, args, "wave", WAVE_MAX, "phones", e) &&
	       pass_number(in, args, "tolerance", PERCENT_MAX, "percent", e) &&
	       pass_wait(in, args, e);
}

bool
resetargs_are_given(const struct invocation *in)
{
	return invocation_option(in, "canary") != NULL || invocation_option(in, "wave") != NULL ||
	       invocation_option(in, "tolerance") != NULL || invocation_option(in, "wait") != NULL;
}

void
resetargs_print(const json_t *r, FILE *out)
{
	const json_t *job = json_object_get(r, "job");
	json_int_t waves = json_integer_value(json_object_get(r, "waves"));

	if (json_is_integer(job))
		fprintf(out, "reset job %s: ", output_text(job));
	fprintf(out, "%s phones%s", output_text(json_object_get(r, "phones")),
	    json_is_integer(job) ? "" : " would be reset");
	if (!json_is_true(json_object_get(r, "hook"))) {
		fputs(
		    ": there is no hook, they are waited for until they boot by themselves\n", out);
		return;
	}
	if (waves > 1)
		fprintf(out, " in %lld waves, %s of them first", (long long)waves,
		    output_text(json_object_get(r, "first_wave")));
	putc('\n', out);
}
