/* Profiles, groups, templates, values, remotes and the table of models by the control API. */
#include "core_rig.h"

#include "daemon/commands.h"

#include <stdlib.h>

#define OTHER "SEP00112233445A"

static json_t *
run_text(struct core_rig *r, const char *name, const char *args)
{
	struct err e = { 0 };
	json_t *result = core_rig_command(r, name, json_loads(args, 0, NULL), &e);

	if (result == NULL)
		fail_msg("%s %s: %s", name, args, e.text);
	return result;
}

static void
run(struct core_rig *r, const char *name, const char *args)
{
	json_decref(run_text(r, name, args));
}

/* The result is this JSON, whatever the order of members. */
static void
assert_result(struct core_rig *r, const char *name, const char *args, const char *expected)
{
	json_t *got = run_text(r, name, args), *want = json_loads(expected, 0, NULL);
	char *text = json_dumps(got, JSON_SORT_KEYS);

	assert_non_null(want);
	if (!json_equal(got, want))
		fail_msg("%s %s: %s", name, args, text);
	free(text);
	json_decref(got);
	json_decref(want);
}

static const struct {
	const char *name, *args;
	enum err_code code;
	const char *text;
} refused[] = {
	{ "profile/add", "{\"name\": \"a b\"}", ERR_MALFORMED, "profile name" },
	{ "profile/add", "{\"name\": \"secure\"}", ERR_CONFLICT, "profile secure exists already" },
	{ "profile/add", "{\"name\": \"p\", \"settings\": {\"mode\": \"open\"}}", ERR_MALFORMED,
	    "profile p: mode: expected keep" },
	{ "profile/add", "{\"name\": \"p\", \"settings\": {\"mode\": 1}}", ERR_MALFORMED,
	    "expected a text" },
	{ "profile/add", "{\"name\": \"p\", \"settings\": {\"colour\": \"red\"}}", ERR_UNKNOWN,
	    "no profile setting colour" },
	{ "profile/add",
	    "{\"name\": \"p\", \"settings\": {\"mode\": \"encrypted\", \"transport\": \"udp\"}}",
	    ERR_REFUSED, "needs transport tls" },
	{ "profile/set", "{\"name\": \"p\", \"settings\": {\"mode\": \"keep\"}}", ERR_UNKNOWN,
	    "no profile p" },
	{ "profile/set", "{\"name\": \"secure\", \"settings\": {}}", ERR_MALFORMED,
	    "nothing to set" },
	{ "profile/show", "{\"name\": \"p\"}", ERR_UNKNOWN, "no profile p" },
	{ "profile/delete", "{\"name\": \"p\"}", ERR_UNKNOWN, "no profile p" },
	{ "group/add", "{\"name\": \"g\", \"servers\": []}", ERR_LIMIT, "expected 1 to 3" },
	{ "group/add", "{\"name\": \"g\", \"servers\": [\"a\", \"b\", \"c\", \"d\"]}", ERR_LIMIT,
	    "4 servers, expected 1 to 3" },
	{ "group/add", "{\"name\": \"g\", \"servers\": [\"a\", \"A\"]}", ERR_CONFLICT, "twice" },
	{ "group/add", "{\"name\": \"g\", \"servers\": [7]}", ERR_MALFORMED, "expected texts" },
	{ "group/add", "{\"name\": \"\", \"servers\": [\"a\"]}", ERR_MALFORMED, "expected a name" },
	{ "group/add", "{\"name\": \"g\\n\", \"servers\": [\"a\"]}", ERR_MALFORMED,
	    "control byte" },
	{ "group/add", "{\"name\": \"g\", \"servers\": [\"a\"], \"template\": \"none\"}",
	    ERR_UNKNOWN, "group g: there is no template none" },
	{ "group/add", "{\"name\": \"Bonn\", \"servers\": [\"a\"]}", ERR_CONFLICT,
	    "group Bonn exists already" },
	{ "group/set", "{\"name\": \"Bonn\"}", ERR_MALFORMED, "nothing to set" },
	{ "group/set", "{\"name\": \"g\", \"template\": \"\"}", ERR_UNKNOWN, "no group g" },
	{ "group/show", "{\"name\": \"g\"}", ERR_UNKNOWN, "no group g" },
	{ "group/delete", "{\"name\": \"g\"}", ERR_UNKNOWN, "no group g" },
	{ "template/add", "{\"name\": \"../t\", \"xml\": \"<device/>\"}", ERR_MALFORMED,
	    "template name: expected 1 to 63" },
	{ "template/add", "{\"name\": \"t\", \"xml\": \"\"}", ERR_MALFORMED,
	    "template t is empty" },
	{ "template/add", "{\"name\": \"t\", \"xml\": \"<device>\\n<a></device>\"}", ERR_MALFORMED,
	    "line 2" },
	{ "template/add", "{\"name\": \"own\", \"xml\": \"<device/>\"}", ERR_CONFLICT,
	    "template own exists already" },
	{ "template/set", "{\"name\": \"own\"}", ERR_MALFORMED, "nothing to set" },
	{ "template/set", "{\"name\": \"t\", \"model\": \"8861\"}", ERR_UNKNOWN, "no template t" },
	{ "template/show", "{\"name\": \"t\"}", ERR_UNKNOWN, "no template t" },
	{ "template/delete", "{\"name\": \"t\"}", ERR_UNKNOWN, "no template t" },
	{ "template/delete", "{\"name\": \"own\"}", ERR_CONFLICT, "1 groups" },
	{ "template/render", "{\"name\": \"t\", \"phone\": \"" RIG_PHONE "\"}", ERR_UNKNOWN,
	    "no template t" },
	{ "template/render", "{\"name\": \"own\", \"phone\": \"SEPx\"}", ERR_MALFORMED,
	    "12 upper-case hex" },
	{ "phone/set", "{\"names\": [\"" RIG_PHONE "\"], \"settings\": {\"profile\": \"none\"}}",
	    ERR_UNKNOWN, RIG_PHONE ": there is no profile none" },
	{ "phone/set", "{\"names\": [\"" RIG_PHONE "\"], \"settings\": {\"template\": \"none\"}}",
	    ERR_UNKNOWN, RIG_PHONE ": there is no template none" },
	{ "phone/set", "{\"names\": [\"" RIG_PHONE "\"], \"settings\": {\"value.mac\": \"1\"}}",
	    ERR_REFUSED, "value mac: it follows" },
	{ "phone/set", "{\"names\": [\"" RIG_PHONE "\"], \"settings\": {\"a.b c\": \"1\"}}",
	    ERR_MALFORMED, "value \"a.b c\"" },
	{ "phone/set",
	    "{\"names\": [\"" RIG_PHONE "\"], \"settings\": {\"profile\": \"secure\","
	    " \"key-order\": \"ec-only\"}}",
	    ERR_REFUSED, "do not go together" },
	{ "phone/add", "{\"name\": \"" OTHER "\", \"settings\": {\"profile\": \"none\"}}",
	    ERR_UNKNOWN, "there is no profile none" },
	{ "remote/add", "{\"name\": \"r r\", \"addresses\": [\"a\"]}", ERR_MALFORMED,
	    "remote name" },
	{ "remote/add", "{\"name\": \"r\", \"addresses\": []}", ERR_LIMIT, "expected 1 to 3" },
	{ "remote/add", "{\"name\": \"r\", \"addresses\": [\"a\"], \"via\": \"ftp\"}",
	    ERR_MALFORMED, "expected http or tftp" },
	{ "remote/add", "{\"name\": \"r\", \"addresses\": [\"a\"], \"port\": 65536}", ERR_MALFORMED,
	    "port" },
	{ "remote/add", "{\"name\": \"r\", \"addresses\": [\"a\"], \"port\": \"1\"}", ERR_MALFORMED,
	    "wrong type" },
	{ "remote/add", "{\"name\": \"r\", \"addresses\": [\"a\"], \"position\": -1}",
	    ERR_MALFORMED, "position" },
	{ "remote/add", "{\"name\": \"r\", \"addresses\": [\"a.example.test\"]}", ERR_MALFORMED,
	    "\"a.example.test\": expected an IP address" },
	{ "remote/add", "{\"name\": \"old\", \"addresses\": [\"192.0.2.9\"]}", ERR_CONFLICT,
	    "remote old exists already" },
	{ "remote/delete", "{\"name\": \"r\"}", ERR_UNKNOWN, "no remote r" },
};

#define TEMPLATE "<device><a>{{line1.name|none}}</a><b>{{mac}}</b></device>"

static void
make_some(struct core_rig *r)
{
	core_rig_phone(r, RIG_PHONE, PHONE_OPERATION_NONE);
	run(r, "profile/add",
	    "{\"name\": \"secure\", \"settings\": {\"encrypted-config\": \"yes\"}}");
	run(r, "template/add",
	    "{\"name\": \"own\", \"model\": \"8861\", \"xml\": \"" TEMPLATE "\"}");
	run(r, "group/add",
	    "{\"name\": \"Bonn\", \"servers\": [\"192.0.2.1\"], \"template\": \"own\"}");
	run(r, "remote/add", "{\"name\": \"old\", \"addresses\": [\"192.0.2.9\"]}");
}

static void
commands_refuse_what_cannot_be_provisioned(void **state)
{
	struct core_rig *r = *state;
	struct err e;

	make_some(r);
	for (size_t i = 0; i < sizeof refused / sizeof refused[0]; i++) {
		json_t *args = json_loads(refused[i].args, 0, NULL);

		assert_non_null(args);
		assert_fails(core_rig_command(r, refused[i].name, args, &e) != NULL, e,
		    refused[i].code, refused[i].text);
	}
	assert_result(r, "profile/list", "{}",
	    "[{\"name\": \"secure\", \"mode\": \"keep\", \"transport\": \"keep\","
	    " \"encrypted_config\": true, \"authentication_url\": null, \"directory_url\": null,"
	    " \"services_url\": null, \"messages_url\": null, \"information_url\": null,"
	    " \"idle_url\": null}]");
	assert_string_equal(core_rig_record(r, RIG_PHONE).profile, "");
}

static void
commands_keep_profiles(void **state)
{
	struct core_rig *r = *state;

	make_some(r);
	run(r, "profile/set",
	    "{\"name\": \"secure\", \"settings\": {\"mode\": \"encrypted\", \"transport\": \"tls\","
	    " \"directory-url\": \"https://192.0.2.1/d\", \"encrypted-config\": \"no\"}}");
	assert_result(r, "profile/show", "{\"name\": \"secure\"}",
	    "{\"name\": \"secure\", \"mode\": \"encrypted\", \"transport\": \"tls\","
	    " \"encrypted_config\": false, \"authentication_url\": null,"
	    " \"directory_url\": \"https://192.0.2.1/d\", \"services_url\": null,"
	    " \"messages_url\": null, \"information_url\": null, \"idle_url\": null}");
	assert_result(r, "profile/delete", "{\"name\": \"secure\"}", "{\"name\": \"secure\"}");
	assert_result(r, "profile/list", "{}", "[]");
}

static void
commands_keep_a_profile_that_a_phone_could_not_follow_as_it_was(void **state)
{
	struct core_rig *r = *state;
	struct err e;

	make_some(r);
	run(r, "profile/set",
	    "{\"name\": \"secure\", \"settings\": {\"encrypted-config\": \"no\"}}");
	run(r, "phone/set",
	    "{\"names\": [\"" RIG_PHONE "\"], \"settings\": {\"profile\": \"secure\","
	    " \"key-order\": \"ec-preferred\"}}");
	assert_fails(core_rig_command(r, "profile/set",
			 json_pack("{s:s, s:{s:s}}", "name", "secure", "settings",
			     "encrypted-config", "yes"),
			 &e) != NULL,
	    e, ERR_REFUSED, "1 phone orders EC keys (key-order): " RIG_PHONE);
	assert_fails(
	    core_rig_command(r, "profile/delete", json_pack("{s:s}", "name", "secure"), &e) != NULL,
	    e, ERR_CONFLICT, "1 phone has it");
}

static void
commands_read_servers_in_every_form(void **state)
{
	static const char *const good[] = { "cm1.example.com", "cm1:5061", "192.0.2.1:5060",
		"2001:db8::1", "[2001:db8::1]:5061" };
	static const char *const bad[] = { "", ":5060", "cm1:", "cm1:0", "cm1:65536", "cm1:x",
		"a b", "a/b", "-a", ".a", "a..b", "192.0.2", "192.0.2.256", "[2001:db8::1",
		"[cm1]:1", "[2001:db8::1]x", "2001:db8::g" };
	struct core_rig *r = *state;
	struct err e = { 0 };

	run(r, "group/add", "{\"name\": \"g\", \"servers\": [\"a\"]}");
	for (size_t i = 0; i < sizeof good / sizeof good[0]; i++) {
		json_t *j = core_rig_command(
		    r, "group/set", json_pack("{s:s, s:[s]}", "name", "g", "servers", good[i]), &e);
		const json_t *servers = json_object_get(j, "servers");

		assert_string_equal(json_string_value(json_array_get(servers, 0)), good[i]);
		json_decref(j);
	}
	for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
		assert_fails(
		    core_rig_command(r, "group/set",
			json_pack("{s:s, s:[s]}", "name", "g", "servers", bad[i]), &e) != NULL,
		    e, ERR_MALFORMED, "expected HOST, HOST:PORT or [IPv6]:PORT");
}

static void
commands_keep_groups(void **state)
{
	struct core_rig *r = *state;

	make_some(r);
	run(r, "group/set", "{\"name\": \"Bonn\", \"servers\": [\"b\", \"a:5061\"]}");
	assert_result(r, "group/show", "{\"name\": \"Bonn\"}",
	    "{\"name\": \"Bonn\", \"servers\": [\"b\", \"a:5061\"], \"template\": \"own\"}");
	run(r, "group/set", "{\"name\": \"Bonn\", \"template\": \"\"}");
	assert_result(r, "group/list", "{}",
	    "[{\"name\": \"Bonn\", \"servers\": [\"b\", \"a:5061\"], \"template\": null}]");
	run(r, "group/delete", "{\"name\": \"Bonn\"}");
	assert_result(r, "group/list", "{}", "[]");
}

static void
commands_render_a_template_with_the_values_of_a_phone(void **state)
{
	struct core_rig *r = *state;
	json_t *j;

	make_some(r);
	j = run_text(r, "template/show", "{\"name\": \"own\"}");
	assert_string_equal(args_text(j, "xml"), TEMPLATE);
	assert_string_equal(args_text(j, "model"), "8861");
	assert_false(json_is_true(json_object_get(j, "builtin")));
	json_decref(j);
	run(r, "phone/set",
	    "{\"names\": [\"" RIG_PHONE "\"], \"settings\": {\"value.line1.name\": \"A & B\"}}");
	j = run_text(r, "template/render", "{\"name\": \"own\", \"phone\": \"" RIG_PHONE "\"}");
	assert_non_null(strstr(args_text(j, "xml"), "<a>A &amp; B</a><b>001122334455</b>"));
	json_decref(j);
	run(r, "template/set",
	    "{\"name\": \"own\", \"xml\": \"<device><a>{{line9.name}}</a></device>\"}");
	{
		struct err e;

		assert_fails(
		    core_rig_command(r, "template/render",
			json_pack("{s:s, s:s}", "name", "own", "phone", RIG_PHONE), &e) != NULL,
		    e, ERR_UNKNOWN, "line9.name");
		assert_non_null(strstr(e.text, "template own: "));
	}
}

static void
commands_show_values_only_to_who_asks_for_them(void **state)
{
	struct core_rig *r = *state;
	char *all;
	json_t *j;

	make_some(r);
	run(r, "phone/set",
	    "{\"names\": [\"" RIG_PHONE "\"], \"settings\": {\"value.pin\": \"s3cret\","
	    " \"line1.password\": \"s3cret\", \"profile\": \"secure\", \"template\": \"own\"}}");
	for (int i = 0; i < 3; i++) {
		j = run_text(r,
		    i == 0   ? "phone/show"
		    : i == 1 ? "phone/list"
			     : "log",
		    i == 0 ? "{\"name\": \"" RIG_PHONE "\", \"history\": true}" : "{}");
		all = json_dumps(j, 0);
		assert_null(strstr(all, "s3cret"));
		free(all);
		json_decref(j);
	}
	j = run_text(r, "phone/show", "{\"name\": \"" RIG_PHONE "\", \"values\": true}");
	assert_string_equal(args_text(j, "profile"), "secure");
	assert_string_equal(args_text(j, "template"), "own");
	assert_string_equal(args_text(json_object_get(j, "values"), "pin"), "s3cret");
	assert_string_equal(args_text(json_object_get(j, "values"), "line1.password"), "s3cret");
	json_decref(j);
	run(r, "phone/set",
	    "{\"names\": [\"" RIG_PHONE "\"], \"settings\": {\"value.pin\": \"\"}}");
	j = run_text(r, "phone/show", "{\"name\": \"" RIG_PHONE "\", \"values\": true}");
	assert_int_equal(json_object_size(json_object_get(j, "values")), 1);
	json_decref(j);
}

static void
commands_import_profiles_templates_and_values(void **state)
{
	struct core_rig *r = *state;
	json_t *j;

	make_some(r);
	j = run_text(r, "phone/import",
	    "{\"rows\": [{\"line\": 2, \"name\": \"" OTHER "\", \"profile\": \"none\"},"
	    "{\"line\": 3, \"name\": \"" RIG_PHONE "\", \"value.mac\": \"1\"}]}");
	assert_int_equal(json_array_size(json_object_get(j, "bad")), 2);
	json_decref(j);
	run(r, "phone/import",
	    "{\"rows\": [{\"line\": 2, \"name\": \"" OTHER "\", \"profile\": \"secure\","
	    " \"template\": \"own\", \"line1.name\": \"100\", \"value.x\": \"y\"}]}");
	assert_string_equal(core_rig_record(r, OTHER).profile, "secure");
	j = run_text(r, "phone/show", "{\"name\": \"" OTHER "\", \"values\": true}");
	assert_int_equal(json_object_size(json_object_get(j, "values")), 2);
	json_decref(j);
}

static void
commands_tell_how_a_configuration_is_made_and_what_was_served(void **state)
{
	struct core_rig *r = *state;
	const struct store_served served = { RIG_PHONE, "{1-a}", "signed", "192.0.2.7",
		1700000000 };
	const json_t *config;
	struct err e = { 0 };
	json_t *j;

	make_some(r);
	run(r, "phone/set",
	    "{\"names\": [\"" RIG_PHONE "\"], \"settings\": {\"template\": \"own\"}}");
	assert_ok(store_served_put(cluster_store(r->core.cluster), &served, 1, &e), e);
	j = run_text(r, "phone/show", "{\"name\": \"" RIG_PHONE "\"}");
	config = json_object_get(j, "config");
	assert_string_equal(args_text(config, "source"), "template own, its own");
	assert_string_equal(args_text(config, "form"), "signed");
	assert_true(json_is_null(json_object_get(config, "fault")));
	assert_true(json_is_null(json_object_get(json_object_get(j, "served"), "list")));
	config = json_object_get(json_object_get(j, "served"), "config");
	assert_string_equal(args_text(config, "version"), "{1-a}");
	assert_string_equal(args_text(config, "at"), "2023-11-14T22:13:20Z");
	json_decref(j);
}

static void
commands_keep_remotes_in_order(void **state)
{
	struct core_rig *r = *state;

	make_some(r);
	assert_result(r, "remote/add",
	    "{\"name\": \"new\", \"addresses\": [\"192.0.2.1\", \"192.0.2.2:7000\"], \"via\": "
	    "\"tftp\", \"port\": "
	    "69,"
	    " \"position\": 1}",
	    "{\"name\": \"new\", \"position\": 1, \"via\": \"tftp\","
	    " \"addresses\": [\"192.0.2.1:69\", \"192.0.2.2:7000\"]}");
	assert_result(r, "remote/list", "{}",
	    "[{\"name\": \"new\", \"position\": 1, \"via\": \"tftp\","
	    " \"addresses\": [\"192.0.2.1:69\", \"192.0.2.2:7000\"]}, {\"name\": \"old\", "
	    "\"position\": 2,"
	    " \"via\": \"http\", \"addresses\": [\"192.0.2.9\"]}]");
	run(r, "remote/delete", "{\"name\": \"new\"}");
	assert_result(r, "remote/list", "{}",
	    "[{\"name\": \"old\", \"position\": 1, \"via\": \"http\","
	    " \"addresses\": [\"192.0.2.9\"]}]");
}

static void
commands_report_what_each_model_can_do(void **state)
{
	struct core_rig *r = *state;
	json_t *j = run_text(r, "report/features", "{}"), *row;
	size_t i, found = 0;

	json_array_foreach(j, i, row)
	{
		if (strcmp(args_text(row, "model"), "8861") != 0)
			continue;
		assert_string_equal(args_text(json_object_get(row, "family"), "value"), "8800");
		assert_non_null(json_object_get(json_object_get(row, "key_max"), "documented"));
		found++;
	}
	assert_int_equal(found, 1);
	json_decref(j);
}

static const char *const changes[][3] = {
	{ "profile/set", "{\"name\": \"secure\", \"settings\": {\"mode\": \"keep\"}}",
	    "profile-set" },
	{ "profile/add", "{\"name\": \"p\"}", "profile-added" },
	{ "profile/delete", "{\"name\": \"p\"}", "profile-deleted" },
	{ "group/set", "{\"name\": \"Bonn\", \"template\": \"\"}", "group-set" },
	{ "group/add", "{\"name\": \"g\", \"servers\": [\"a\"]}", "group-added" },
	{ "group/delete", "{\"name\": \"g\"}", "group-deleted" },
	{ "template/set", "{\"name\": \"own\", \"model\": \"\"}", "template-set" },
	{ "template/add", "{\"name\": \"t\", \"xml\": \"<device/>\"}", "template-added" },
	{ "template/delete", "{\"name\": \"t\"}", "template-deleted" },
	{ "remote/add", "{\"name\": \"r\", \"addresses\": [\"192.0.2.1\"]}", "remote-added" },
	{ "remote/delete", "{\"name\": \"r\"}", "remote-deleted" },
};

static void
commands_write_every_change_to_the_audit_log(void **state)
{
	struct core_rig *r = *state;

	make_some(r);
	for (size_t i = 0; i < sizeof changes / sizeof changes[0]; i++) {
		json_t *log;

		run(r, changes[i][0], changes[i][1]);
		log = run_text(r, "log", "{}");
		assert_string_equal(args_text(json_array_get(log, 0), "event"), changes[i][2]);
		json_decref(log);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		WITH_CORE(commands_refuse_what_cannot_be_provisioned),
		WITH_CORE(commands_keep_profiles),
		WITH_CORE(commands_keep_a_profile_that_a_phone_could_not_follow_as_it_was),
		WITH_CORE(commands_read_servers_in_every_form),
		WITH_CORE(commands_keep_groups),
		WITH_CORE(commands_render_a_template_with_the_values_of_a_phone),
		WITH_CORE(commands_show_values_only_to_who_asks_for_them),
		WITH_CORE(commands_import_profiles_templates_and_values),
		WITH_CORE(commands_tell_how_a_configuration_is_made_and_what_was_served),
		WITH_CORE(commands_keep_remotes_in_order),
		WITH_CORE(commands_report_what_each_model_can_do),
		WITH_CORE(commands_write_every_change_to_the_audit_log),
	};

	return cmocka_run_group_tests(tests, core_rig_group_setup, core_rig_group_teardown);
}
