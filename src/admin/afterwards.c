#include "admin/afterwards.h"

#include "admin/client.h"
#include "admin/output.h"
#include "admin/resetargs.h"
#include "rules/resetwave.h"

#include <stdio.h>

#define AGAIN 1 /* a bridge takes a second boot */

static bool
is_wished(const struct invocation *in)
{
	return invocation_option(in, "reset") != NULL;
}

/* *result NULL: there is no phone to be reset. */
static bool
ask(struct invocation *in, bool dry_run, json_t **result, struct err *e)
{
	json_t *args =
	    json_pack("{s:b, s:b, s:i}", "all", true, "dry_run", dry_run, "again", AGAIN);

	*result = NULL;
	if (!resetargs_pass(in, args, e)) {
		json_decref(args);
		return false;
	}
	if (client_ask(in, "phone/reset", args, result, e))
		return true;
	*result = NULL;
	if (e->code != ERR_UNKNOWN)
		return false;
	*e = (struct err){ 0 };
	return true;
}

bool
afterwards_check(struct invocation *in, const struct command *command, struct err *e)
{
	json_t *would;

	if (!command->plans)
		return true;
	if (!is_wished(in))
		return !resetargs_are_given(in) ||
		       invocation_usage(
			   in, e, "--canary, --wave, --wait and --tolerance go with --reset");
	if (in->plan)
		return true;
	if (!ask(in, true, &would, e))
		return err_in(e, "--reset");
	json_decref(would);
	return true;
}

bool
afterwards_begin(struct invocation *in, const struct command *command, struct err *e)
{
	FILE *out = in->json ? stderr : stdout;
	json_t *begun;

	if (!command->plans || !is_wished(in) || in->plan)
		return true;
	if (!ask(in, false, &begun, e))
		return err_in(e, "it is done, but the phones were not reset");
	if (begun != NULL)
		resetargs_print(begun, out);
	else
		fputs("There is no phone to be reset.\n", out);
	json_decref(begun);
	return true;
}

/* --- plans --- */

static unsigned
waves_again(const json_t *would, size_t phones)
{
	const struct resetwave_plan plan = {
		.canary = (unsigned)json_integer_value(json_object_get(would, "canary")),
		.wave = (unsigned)json_integer_value(json_object_get(would, "wave_size")),
	};

	return phones > 0 ? resetwave_count(&plan, phones) : 0;
}

bool
afterwards_plan(struct invocation *in, json_t *plan, struct err *e)
{
	json_int_t again = json_integer_value(json_object_get(plan, "bridged")), phones;
	json_t *would;

	if (!is_wished(in))
		return true;
	if (!ask(in, true, &would, e))
		return err_in(e, "--reset");
	phones = json_integer_value(json_object_get(would, "phones"));
	json_object_set_new(plan, "resets",
	    json_pack("{s:I, s:I, s:I, s:I, s:i, s:I, s:b}", "phones", phones, "waves",
		json_integer_value(json_object_get(would, "waves")), "first_wave",
		json_integer_value(json_object_get(would, "first_wave")), "again", again,
		"again_waves", (int)waves_again(would, (size_t)again), "resets", phones + again,
		"hook", json_is_true(json_object_get(would, "hook"))));
	json_decref(would);
	return true;
}

static long long
number(const json_t *o, const char *name)
{
	return json_integer_value(json_object_get(o, name));
}

void
afterwards_print(const json_t *plan)
{
	const json_t *r = json_object_get(plan, "resets");

	if (!json_is_object(r))
		return;
	if (!json_is_true(json_object_get(r, "hook"))) {
		printf("Resets: there is no hook; %lld phones are waited for until they boot by "
		       "themselves, %lld of them twice\n",
		    number(r, "phones"), number(r, "again"));
		return;
	}
	printf("Resets: %lld phones in %lld waves, %lld of them first", number(r, "phones"),
	    number(r, "waves"), number(r, "first_wave"));
	if (number(r, "again") > 0)
		printf("; then %lld, which take a bridge, once more in %lld waves",
		    number(r, "again"), number(r, "again_waves"));
	printf(": %lld resets\n", number(r, "resets"));
}
