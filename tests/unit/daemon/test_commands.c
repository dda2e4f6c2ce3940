#include "core_rig.h"

#include "daemon/commands.h"
#include "daemon/sightings.h"

#include <stdlib.h>

#define OTHER "SEP00112233445A"

static json_t *
run(struct core_rig *r, const char *name, json_t *args)
{
	struct err e = { 0 };
	json_t *result;

	assert_non_null(args);
	result = core_rig_command(r, name, args, &e);
	assert_ok(result != NULL, e);
	return result;
}

static const struct {
	const char *name, *args;
	enum err_code code;
	const char *text;
} refused[] = {
	{ "nothing", "{}", ERR_UNKNOWN, "no command \"nothing\"" },
	{ "status", "{\"x\": 1}", ERR_MALFORMED, "takes no argument \"x\"" },
	{ "phone/show", "{}", ERR_MALFORMED, "\"name\" is missing" },
	{ "phone/show", "{\"name\": 7}", ERR_MALFORMED, "wrong type" },
	{ "phone/show", "{\"name\": \"SEP000000000000\"}", ERR_UNKNOWN, "no phone SEP0000" },
	{ "phone/delete", "{\"name\": \"SEP000000000000\"}", ERR_UNKNOWN, "no phone SEP0000" },
	{ "phone/add", "{\"name\": \"" RIG_PHONE "\"}", ERR_CONFLICT, "exists already" },
	{ "phone/add", "{\"name\": \"SEPx\"}", ERR_MALFORMED, "12 upper-case hex" },
	{ "phone/add", "{\"name\": \"" OTHER "\", \"settings\": {\"mic\": \"x\"}}", ERR_MALFORMED,
	    "MIC" },
	{ "phone/set",
	    "{\"names\": [\"" RIG_PHONE "\", \"" OTHER "\"], \"settings\": {\"mic\": \"x\"}}",
	    ERR_REFUSED, "that of one phone" },
	{ "phone/set", "{\"names\": [], \"settings\": {\"model\": \"1\"}}", ERR_MALFORMED,
	    "no phone is named" },
	{ "phone/set", "{\"names\": [\"" RIG_PHONE "\"], \"settings\": {}}", ERR_MALFORMED,
	    "nothing to set" },
	{ "phone/set", "{\"names\": [\"" RIG_PHONE "\"], \"settings\": {\"model\": 1}}",
	    ERR_MALFORMED, "expected a text" },
	{ "phone/set", "{\"names\": [\"" RIG_PHONE "\"], \"settings\": {\"operation\": \"x\"}}",
	    ERR_MALFORMED, "operation \"x\"" },
	{ "phone/release", "{\"name\": \"SEP000000000000\"}", ERR_UNKNOWN, "no phone" },
	{ "serve-lists", "{\"who\": \"me\"}", ERR_MALFORMED, "known, all or none" },
	{ "trust/add", "{\"store\": \"x\", \"pem\": \"\"}", ERR_UNKNOWN, "no trust store \"x\"" },
	{ "trust/remove", "{\"store\": \"capf-trust\", \"sha256\": \"0g\"}", ERR_MALFORMED, "" },
	{ "cert/show", "{\"purpose\": \"x\"}", ERR_UNKNOWN, "no purpose \"x\"" },
	{ "node/set", "{\"role\": \"x\", \"on\": true}", ERR_UNKNOWN, "role x" },
};

static void
commands_run_refuses_what_it_cannot_do(void **state)
{
	struct core_rig *r = *state;
	struct err e;

	core_rig_phone(r, RIG_PHONE, PHONE_OPERATION_NONE);
	for (size_t i = 0; i < sizeof refused / sizeof refused[0]; i++)
		assert_fails(core_rig_command(r, refused[i].name,
				 json_loads(refused[i].args, 0, NULL), &e) != NULL,
		    e, refused[i].code, refused[i].text);
}

static void
commands_show_an_authentication_string_to_who_names_the_phone(void **state)
{
	struct core_rig *r = *state;
	json_t *j;

	core_rig_phone(r, RIG_PHONE, PHONE_OPERATION_NONE);
	j = run(r, "phone/set",
	    json_pack(
		"{s:[s], s:{s:s}}", "names", RIG_PHONE, "settings", "auth-string", "generate"));
	assert_int_equal(strlen(args_text(json_array_get(j, 0), "auth_string")), 10);
	json_decref(j);
	j = run(r, "phone/set",
	    json_pack("{s:[s], s:{s:s}}", "names", RIG_PHONE, "settings", "model", "8861"));
	assert_null(json_object_get(json_array_get(j, 0), "auth_string"));
	json_decref(j);
	j = run(r, "phone/list", json_object());
	assert_int_equal(json_array_size(json_object_get(j, "phones")), 1);
	assert_null(
	    json_object_get(json_array_get(json_object_get(j, "phones"), 0), "auth_string"));
	json_decref(j);
	j = run(r, "phone/show", json_pack("{s:s, s:b}", "name", RIG_PHONE, "history", 1));
	assert_int_equal(strlen(args_text(j, "auth_string")), 10);
	assert_int_equal(json_array_size(json_object_get(j, "history")), 2);
	json_decref(j);
}

static void
commands_set_all_phones_or_none(void **state)
{
	struct core_rig *r = *state;
	struct err e;

	core_rig_phone(r, RIG_PHONE, PHONE_OPERATION_NONE);
	assert_fails(core_rig_command(r, "phone/set",
			 json_pack("{s:[s,s], s:{s:s}}", "names", RIG_PHONE, OTHER, "settings",
			     "model", "8861"),
			 &e) != NULL,
	    e, ERR_UNKNOWN, OTHER);
	assert_string_equal(core_rig_record(r, RIG_PHONE).model, "");
}

static void
assert_import_leaves_nothing(struct core_rig *r, const char *args)
{
	struct err e = { 0 };
	json_t *j;

	json_decref(core_rig_command(r, "phone/import", json_loads(args, 0, NULL), &e));
	j = run(r, "phone/list", json_object());
	assert_int_equal(json_array_size(json_object_get(j, "phones")), 0);
	json_decref(j);
}

static void
commands_import_all_rows_or_none(void **state)
{
	struct core_rig *r = *state;
	json_t *j;

	assert_import_leaves_nothing(r, "{\"rows\": [{\"line\": 2, \"name\": \"" OTHER
					"\"}, {\"line\": 3, \"name\": \"SEP1\"}]}");
	assert_import_leaves_nothing(r,
	    "{\"rows\": [{\"line\": 2, \"name\": \"" OTHER
	    "\"}, {\"line\": 3, \"name\": \"" RIG_PHONE "\", \"rsa-size\": \"7\"}]}");
	assert_import_leaves_nothing(r, "{\"rows\": [{\"line\": 2, \"name\": \"" OTHER "\"}, 5]}");
	assert_import_leaves_nothing(
	    r, "{\"rows\": [{\"line\": 2, \"name\": \"" OTHER "\"}], \"dry_run\": true}");
	j = run(r, "phone/import",
	    json_loads("{\"rows\": [{\"line\": 2, \"name\": \"" OTHER "\"}]}", 0, NULL));
	assert_int_equal(json_integer_value(json_object_get(j, "added")), 1);
	json_decref(j);
	assert_int_equal(core_rig_record(r, OTHER).origin, PHONE_ADDED);
}

static void
commands_release_one_phone_or_all(void **state)
{
	struct core_rig *r = *state;
	json_t *j;

	j = run(r, "phone/release", json_pack("{s:b}", "all", 1));
	assert_int_equal(json_array_size(j), 0);
	json_decref(j);
	core_rig_phone(r, RIG_PHONE, PHONE_OPERATION_NONE);
	core_rig_phone(r, OTHER, PHONE_OPERATION_NONE);
	j = run(r, "phone/release", json_pack("{s:s}", "name", OTHER));
	assert_int_equal(json_array_size(j), 1);
	json_decref(j);
	assert_true(core_rig_record(r, OTHER).released);
	assert_false(core_rig_record(r, RIG_PHONE).released);
	j = run(r, "phone/add", json_pack("{s:s}", "name", OTHER)); /* it comes back */
	json_decref(j);
	assert_false(core_rig_record(r, OTHER).released);
}

static void
commands_show_status_certificates_and_list(void **state)
{
	static const char *const plain[] = { "status", "status/phones", "cert/list", "trust/list",
		"node/list", "show/itl", "log", "serve-lists" };
	struct core_rig *r = *state;

	core_rig_phone(r, RIG_PHONE, PHONE_OPERATION_INSTALL);
	for (size_t i = 0; i < sizeof plain / sizeof plain[0]; i++) {
		json_t *j = run(r, plain[i], json_object());

		assert_true(json_object_size(j) + json_array_size(j) > 0);
		json_decref(j);
	}
}

/* With a certificate confirmed at that time, and the current list handed out now. */
static const char *
trust_with_proof_at(struct core_rig *r, const char *name, time_t confirmed, char out[16])
{
	struct store *s = cluster_store(r->core.cluster);
	static unsigned serial;
	struct store_lsc lsc = { .not_after = core_now() + 1000 };
	struct cluster_list itl;
	uint8_t hash[32] = { 0 };
	struct err e = { 0 };
	json_t *j;

	core_rig_phone(r, name, PHONE_OPERATION_NONE);
	assert_true(cluster_list(r->core.cluster, STORE_LIST_ITL, ENVELOPE_SHA1, &itl));
	assert_ok(store_belief_add(s, name, itl.id, "192.0.2.7", core_now(), &e), e);
	snprintf(lsc.device, sizeof lsc.device, "%s", name);
	snprintf(lsc.serial, sizeof lsc.serial, "%02x", ++serial);
	lsc.der = bytes_copy(span_str("a certificate"));
	lsc.key_hash = bytes_copy(span_of(hash, sizeof hash));
	assert_ok(store_lsc_issue(s, &lsc, &e), e);
	assert_ok(store_lsc_confirm(s, lsc.id, confirmed, &e), e);
	store_lsc_free(&lsc);
	j = run(r, "phone/show", json_pack("{s:s}", "name", name));
	snprintf(out, 16, "%s", args_text(j, "trust"));
	json_decref(j);
	return out;
}

static void
commands_take_only_a_later_certificate_for_a_proof_of_trust(void **state)
{
	struct core_rig *r = *state;
	char trust[16];

	assert_string_equal(trust_with_proof_at(r, RIG_PHONE, core_now() - 60, trust), "unknown");
	assert_string_equal(trust_with_proof_at(r, OTHER, core_now() + 1, trust), "current");
}

#define MANY 12000 /* more than one step of each */

static bool
put_many(struct store *s, void *arg, struct err *e)
{
	struct device d;
	struct phone p;

	(void)arg;
	for (size_t i = 0; i < MANY; i++) {
		snprintf(d.name, sizeof d.name, "SEP%012zX", i);
		p = phone_new(&d, PHONE_ADDED);
		if (i % 3 == 0 && !phone_set_operation(&p, PHONE_OPERATION_INSTALL, 1, e))
			return false;
		if (!store_phone_put(s, &p, e))
			return false;
	}
	return true;
}

/* Walks through all steps of a command; adds up what of gives of each. Returns the steps. */
static size_t
walk_steps(
    struct core_rig *r, const char *name, json_t *args, size_t (*of)(const json_t *), size_t *sum)
{
	size_t steps = 0;
	json_t *step;

	*sum = 0;
	do {
		step = run(r, name, json_incref(args));
		*sum += of(step);
		json_object_set(args, "after", json_object_get(step, "next"));
		json_decref(step);
		steps++;
	} while (json_is_string(json_object_get(args, "after")));
	json_decref(args);
	return steps;
}

static size_t
phones_of(const json_t *step)
{
	return json_array_size(json_object_get(step, "phones"));
}

static size_t
pending_of(const json_t *step)
{
	return (size_t)json_integer_value(json_object_get(json_object_get(step, "lsc"), "Pending"));
}

static void
commands_look_at_many_phones_in_steps(void **state)
{
	struct core_rig *r = *state;
	struct err e = { 0 };
	size_t sum;

	assert_ok(store_change(cluster_store(r->core.cluster), put_many, NULL, &e), e);
	assert_true(walk_steps(r, "phone/list", json_object(), phones_of, &sum) > 5);
	assert_int_equal(sum, MANY);
	walk_steps(r, "phone/list", json_pack("{s:s}", "filter", "000EE"), phones_of, &sum);
	assert_int_equal(sum, 16 + 1); /* SEP0000000000EE is 000EE too, once with each last digit */
	assert_true(walk_steps(r, "status/phones", json_object(), pending_of, &sum) > 1);
	assert_int_equal(sum, MANY / 3);
}

static void
json_text_takes_any_bytes(void **state)
{
	json_t *j = json_text("caf\xc3"); /* cut in the middle of a character */

	(void)state;
	assert_string_equal(json_string_value(j), "caf\\xc3");
	json_decref(j);
}

static void
commands_about_one_phone_know_what_is_not_written_yet(void **state)
{
	struct core_rig *r = *state;
	struct device d;
	struct err e = { 0 };
	json_t *j;

	core_rig_phone(r, RIG_PHONE, PHONE_OPERATION_NONE);
	assert_ok(device_parse(span_str(RIG_PHONE), &d, &e), e);
	sightings_add(r->core.sightings, &d, span_str("192.0.2.7:5000"), core_now());
	j = run(r, "phone/show", json_pack("{s:s}", "name", RIG_PHONE));
	assert_string_equal(args_text(j, "last_address"), "192.0.2.7");
	json_decref(j);
	sightings_add(r->core.sightings, &d, span_str("192.0.2.8:5000"), core_now());
	j = run(r, "diagnose", json_pack("{s:s}", "name", RIG_PHONE));
	assert_string_equal(args_text(json_object_get(j, "phone"), "last_address"), "192.0.2.8");
	json_decref(j);
	sightings_add(r->core.sightings, &d, span_str("192.0.2.9:5000"), core_now());
	j = run(r, "explain", json_pack("{s:s, s:s}", "name", RIG_PHONE, "file", "00"));
	json_decref(j);
	assert_string_equal(core_rig_record(r, RIG_PHONE).last_address, "192.0.2.9");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		WITH_CORE(commands_run_refuses_what_it_cannot_do),
		WITH_CORE(commands_show_an_authentication_string_to_who_names_the_phone),
		WITH_CORE(commands_set_all_phones_or_none),
		WITH_CORE(commands_import_all_rows_or_none),
		WITH_CORE(commands_release_one_phone_or_all),
		WITH_CORE(commands_show_status_certificates_and_list),
		WITH_CORE(commands_take_only_a_later_certificate_for_a_proof_of_trust),
		WITH_CORE(commands_look_at_many_phones_in_steps),
		WITH_CORE(commands_about_one_phone_know_what_is_not_written_yet),
		cmocka_unit_test(json_text_takes_any_bytes),
	};

	return cmocka_run_group_tests(tests, core_rig_group_setup, core_rig_group_teardown);
}
