/* Profiles, groups, templates, values, remotes, and what was served. */
#include "backend.h"

#include <stdlib.h>

#define PHONE "SEP001122334455"

/* What an each function gave, one line after the other. */
struct lines {
	char text[2000];
	size_t count, stop_at; /* 0: never */
};

static bool
line_add(struct lines *l, const char *a, const char *b)
{
	size_t n = strlen(l->text);

	snprintf(l->text + n, sizeof l->text - n, "%s%s%s\n", a, *b != '\0' ? " " : "", b);
	return ++l->count != l->stop_at;
}

/* --- profiles --- */

static struct profile
profile_put(struct store *s, const char *name)
{
	struct profile p;
	struct err e = { 0 };

	assert_ok(profile_new(name, &p, &e), e);
	assert_ok(store_profile_put(s, &p, &e), e);
	return p;
}

static bool
profile_line(void *arg, const struct profile *p)
{
	return line_add(arg, p->name, "");
}

static void
store_profile_put_keeps_every_field(void **state)
{
	struct store *s = ((struct run *)*state)->s;
	struct profile p = { .name = "Branch-1_a.b",
		.mode = PROFILE_MODE_ENCRYPTED,
		.transport = PROFILE_TRANSPORT_TCP_UDP,
		.encrypted_config = true };
	struct profile q;
	struct err e = { 0 };
	bool found;

	for (int i = 0; i < PROFILE_URL_COUNT; i++)
		snprintf(p.url[i], sizeof p.url[i], "https://192.0.2.1/%d", i);
	for (int round = 0; round < 2; round++) {
		assert_ok(store_profile_put(s, &p, &e), e);
		assert_ok(store_profile_get(s, p.name, &q, &found, &e), e);
		assert_true(found);
		assert_memory_equal(&p, &q, sizeof p);
		p.mode = PROFILE_MODE_KEEP;
		p.encrypted_config = false;
		memset(p.url, 0, sizeof p.url);
	}
	assert_ok(store_profile_get(s, "none", &q, &found, &e), e);
	assert_false(found);
	strcpy(p.name, "a b");
	assert_fails(store_profile_put(s, &p, &e), e, ERR_STORE, "profile a b: database: CHECK");
}

static void
store_profile_each_goes_by_name(void **state)
{
	struct store *s = ((struct run *)*state)->s;
	struct lines l = { .stop_at = 2 };
	struct err e = { 0 };

	profile_put(s, "c");
	profile_put(s, "a");
	profile_put(s, "b");
	assert_ok(store_profile_each(s, profile_line, &l, &e), e);
	assert_string_equal(l.text, "a\nb\n");
}

static void
store_profile_remove_is_refused_while_phones_have_it(void **state)
{
	struct store *s = ((struct run *)*state)->s;
	struct phone p = phone_new(&(struct device){ PHONE }, PHONE_ADDED);
	struct phone q;
	struct err e = { 0 };
	bool found;

	strcpy(p.profile, "secure");
	strcpy(p.template, "own");
	assert_fails(store_phone_put(s, &p, &e), e, ERR_UNKNOWN,
	    "phone " PHONE ": refers to what does not exist");
	profile_put(s, "secure");
	e = (struct err){ 0 };
	assert_ok(store_phone_put(s, &p, &e), e);
	assert_ok(store_phone_get(s, PHONE, &q, &found, &e), e);
	assert_string_equal(q.profile, "secure");
	assert_string_equal(q.template, "own");
	assert_fails(store_profile_remove(s, "secure", &found, &e), e, ERR_CONFLICT,
	    "profile secure: 1 phone has it");
	p.profile[0] = '\0';
	assert_ok(store_phone_put(s, &p, &e), e);
	assert_ok(store_profile_remove(s, "secure", &found, &e), e);
	assert_true(found);
	assert_ok(store_profile_remove(s, "secure", &found, &e), e);
	assert_false(found);
}

/* Bytes that say that they have an EC key, as the certificates of phones do. */
#define EC_DER "\x30\x0b\x30\x09\x06\x07\x2a\x86\x48\xce\x3d\x02\x01"

static void
give_ec_lsc(struct store *s, const char *device)
{
	uint8_t hash[32] = { (uint8_t)device[strlen(device) - 1] };
	struct store_lsc l = { .der = bytes_copy(span_str(EC_DER)),
		.key_hash = bytes_copy(span_of(hash, sizeof hash)),
		.not_after = 2000000000 };
	struct err e = { 0 };

	snprintf(l.device, sizeof l.device, "%s", device);
	snprintf(l.serial, sizeof l.serial, "0%c", device[strlen(device) - 1]);
	assert_ok(store_lsc_issue(s, &l, &e), e);
	assert_ok(store_lsc_confirm(s, l.id, 1700000000, &e), e);
	store_lsc_free(&l);
}

static void
store_profile_ec_phones_are_those_that_order_or_hold_ec_keys(void **state)
{
	struct store *s = ((struct run *)*state)->s;
	struct store_ec_phones got;
	struct device d = { "SEP00000000000" };
	struct err e = { 0 };
	bool only;

	profile_put(s, "secure");
	for (int i = 0; i < 6; i++) {
		struct phone p;

		snprintf(d.name, sizeof d.name, "SEP00000000000%d", i);
		p = phone_new(&d, PHONE_ADDED);
		if (i < 5)
			strcpy(p.profile, "secure");
		if (i == 1)
			p.key_order = PHONE_KEY_EC_ONLY;
		assert_ok(store_phone_put(s, &p, &e), e);
	}
	assert_ok(store_profile_ec_phones(s, "secure", &got, &e), e);
	assert_int_equal(got.ordering, 1);
	assert_int_equal(got.holding, 0);
	for (const char *digit = "12345"; *digit != '\0'; digit++) {
		snprintf(d.name, sizeof d.name, "SEP00000000000%c", *digit);
		give_ec_lsc(s, d.name);
	}
	assert_ok(store_phone_mic_set(s, "SEP000000000003", span_str("RSA"), &e), e);
	assert_ok(store_phone_mic_set(s, "SEP000000000004", span_str(EC_DER), &e), e);
	assert_ok(store_profile_ec_phones(s, "secure", &got, &e), e);
	assert_int_equal(got.ordering, 1);
	assert_int_equal(got.holding, 2);
	assert_int_equal(got.named, 3);
	assert_string_equal(got.name[0], "SEP000000000001");
	assert_string_equal(got.name[1], "SEP000000000002");
	assert_string_equal(got.name[2], "SEP000000000004");
	assert_ok(store_phone_ec_only(s, "SEP000000000005", &only, &e), e);
	assert_true(only);
	assert_ok(store_phone_ec_only(s, "SEP000000000003", &only, &e), e);
	assert_false(only);
	assert_ok(store_lsc_delete(s, "SEP000000000005", 1700000001, &e), e);
	assert_ok(store_phone_ec_only(s, "SEP000000000005", &only, &e), e);
	assert_false(only);
}

/* --- groups and remotes --- */

static void
servers_fill(struct phonecfg_server *server, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		snprintf(server[i].host, sizeof server[i].host, "cm%zu.example.com", i + 1);
		server[i].port = (uint16_t)(i == 0 ? 0 : 5060 + i);
	}
}

static bool
group_line(void *arg, const struct store_group *g)
{
	return line_add(arg, g->name, g->template);
}

static void
store_group_put_keeps_its_servers_in_order(void **state)
{
	struct store *s = ((struct run *)*state)->s;
	struct store_group g = { .name = "D\303\274sseldorf 1", .template = "sip" }, h;
	struct lines l = { 0 };
	struct err e = { 0 };
	bool found;

	for (g.count = 3; g.count > 0; g.count--) {
		memset(g.server, 0, sizeof g.server);
		servers_fill(g.server, g.count);
		assert_ok(store_group_put(s, &g, &e), e);
		assert_ok(store_group_get(s, g.name, &h, &found, &e), e);
		assert_true(found);
		assert_memory_equal(&g, &h, sizeof g);
	}
	assert_fails(store_group_put(s, &g, &e), e, ERR_LIMIT, "0 servers, expected 1 to 3");
	e = (struct err){ 0 };
	assert_ok(store_group_each(s, group_line, &l, &e), e);
	assert_string_equal(l.text, "D\303\274sseldorf 1 sip\n");
	assert_ok(store_group_remove(s, g.name, &found, &e), e);
	assert_true(found);
	assert_ok(store_group_get(s, g.name, &h, &found, &e), e);
	assert_false(found);
}

static void
remote_put(struct store *s, const char *name, int position)
{
	struct store_remote r = { .position = position, .count = 2 };
	struct err e = { 0 };

	snprintf(r.name, sizeof r.name, "%s", name);
	servers_fill(r.server, r.count);
	assert_ok(store_remote_put(s, &r, &e), e);
}

static bool
remote_line(void *arg, const struct store_remote *r)
{
	char text[80];

	snprintf(text, sizeof text, "%d %zu%s", r->position, r->count, r->tftp ? " tftp" : "");
	assert_string_equal(r->server[1].host, "cm2.example.com");
	return line_add(arg, r->name, text);
}

static void
assert_remotes(struct store *s, const char *expected)
{
	struct lines l = { 0 };
	struct err e = { 0 };

	assert_ok(store_remote_each(s, remote_line, &l, &e), e);
	assert_string_equal(l.text, expected);
}

static void
store_remote_put_keeps_positions_without_gaps(void **state)
{
	struct store *s = ((struct run *)*state)->s;
	struct store_remote r = { .name = "b", .position = 9, .tftp = true, .count = 2 };
	struct err e = { 0 };
	bool found;

	remote_put(s, "a", 1);
	remote_put(s, "b", 0);
	remote_put(s, "c", 2);
	assert_remotes(s, "a 1 2\nc 2 2\nb 3 2\n");
	remote_put(s, "b", 1);
	assert_remotes(s, "b 1 2\na 2 2\nc 3 2\n");
	servers_fill(r.server, r.count);
	assert_ok(store_remote_put(s, &r, &e), e);
	assert_remotes(s, "a 1 2\nc 2 2\nb 3 2 tftp\n");
	assert_ok(store_remote_remove(s, "a", &found, &e), e);
	assert_true(found);
	assert_ok(store_remote_remove(s, "a", &found, &e), e);
	assert_false(found);
	r.count = 0;
	assert_fails(store_remote_put(s, &r, &e), e, ERR_LIMIT, "remote b: 0 servers");
	assert_remotes(s, "c 1 2\nb 2 2 tftp\n");
}

/* --- templates --- */

static bool
template_put(struct store *s, const char *name, const char *model, const char *xml, struct err *e)
{
	struct store_template t = { .changed = NOW };

	snprintf(t.name, sizeof t.name, "%s", name);
	snprintf(t.model, sizeof t.model, "%s", model);
	t.xml = bytes_lent(xml, strlen(xml));
	return store_template_put(s, &t, e);
}

static bool
template_line(void *arg, const struct store_template *t)
{
	return line_add(arg, t->name, t->model);
}

static void
store_template_is_found_by_name_model_and_family(void **state)
{
	static const struct {
		const char *model, *family, *found;
	} rows[] = { { "8861", "8800", "exact" }, { "8845", "8800", "family" },
		{ "7841", "7800", "" }, { "", "", "" }, { "8845", "", "" } };
	struct store *s = ((struct run *)*state)->s;
	struct store_template t;
	struct lines l = { 0 };
	struct err e = { 0 };
	bool found;

	assert_ok(template_put(s, "family", "8800", "<f/>", &e), e);
	assert_ok(template_put(s, "exact", "8861", "<e/>", &e), e);
	assert_ok(template_put(s, "none", "", "<n/>", &e), e);
	for (size_t i = 0; i < COUNT(rows); i++) {
		assert_ok(
		    store_template_of_model(s, rows[i].model, rows[i].family, &t, &found, &e), e);
		assert_string_equal(t.name, rows[i].found);
		store_template_free(&t);
	}
	assert_ok(store_template_get(s, "family", &t, &found, &e), e);
	assert_true(found);
	assert_span_equal(bytes_span(&t.xml), span_str("<f/>"));
	assert_int_equal(t.changed, NOW);
	store_template_free(&t);
	assert_fails(
	    template_put(s, "second", "8861", "<x/>", &e), e, ERR_CONFLICT, "template second");
	e = (struct err){ 0 };
	assert_ok(store_template_each(s, template_line, &l, &e), e);
	assert_string_equal(l.text, "exact 8861\nfamily 8800\nnone\n");
}

static void
store_template_remove_is_refused_while_somebody_names_it(void **state)
{
	struct store *s = ((struct run *)*state)->s;
	struct phone p = phone_new(&(struct device){ PHONE }, PHONE_ADDED);
	struct store_group g = { .name = "g", .template = "t", .count = 1 };
	struct err e = { 0 };
	bool found;

	servers_fill(g.server, 1);
	strcpy(p.template, "t");
	assert_ok(template_put(s, "t", "", "<t/>", &e), e);
	assert_ok(store_phone_put(s, &p, &e), e);
	assert_ok(store_group_put(s, &g, &e), e);
	assert_fails(store_template_remove(s, "t", &found, &e), e, ERR_CONFLICT,
	    "named by 1 phones and 1 groups");
	e = (struct err){ 0 };
	assert_ok(store_phone_remove(s, PHONE, &found, &e), e);
	assert_ok(store_group_remove(s, "g", &found, &e), e);
	assert_ok(store_template_remove(s, "t", &found, &e), e);
	assert_true(found);
	assert_ok(store_template_remove(s, "t", &found, &e), e);
	assert_false(found);
}

/* --- values --- */

static bool
value_line(void *arg, const char *key, const char *value)
{
	return line_add(arg, key, value);
}

static void
store_phone_value_belongs_to_its_phone(void **state)
{
	struct store *s = ((struct run *)*state)->s;
	char longest[PHONECFG_VALUE_MAX + 1];
	struct lines l = { 0 };
	struct err e = { 0 };
	bool found;

	memset(longest, 'x', sizeof longest);
	longest[PHONECFG_VALUE_MAX - 1] = '\0';
	assert_fails(store_phone_value_set(s, PHONE, "line1.name", "100", &e), e, ERR_UNKNOWN,
	    "line1.name of " PHONE ": refers to what does not exist");
	phone_put(s, PHONE);
	e = (struct err){ 0 };
	assert_ok(store_phone_value_set(s, PHONE, "line1.name", "100", &e), e);
	assert_ok(store_phone_value_set(s, PHONE, "line1.label", longest, &e), e);
	assert_ok(store_phone_value_set(s, PHONE, "line1.label", "Anna & B\303\266", &e), e);
	phone_put(s, PHONE); /* a record that is written again keeps its values */
	assert_ok(store_phone_value_set(s, PHONE, "line1.name", "", &e), e);
	assert_ok(store_phone_value_each(s, PHONE, value_line, &l, &e), e);
	assert_string_equal(l.text, "line1.label Anna & B\303\266\n");
	longest[PHONECFG_VALUE_MAX - 1] = 'x';
	longest[PHONECFG_VALUE_MAX] = '\0';
	assert_fails(store_phone_value_set(s, PHONE, "a", longest, &e), e, ERR_STORE, "CHECK");
	assert_fails(store_phone_value_set(s, PHONE, "a b", "1", &e), e, ERR_STORE, "CHECK");
	e = (struct err){ 0 };
	assert_ok(store_phone_remove(s, PHONE, &found, &e), e);
	phone_put(s, PHONE);
	l = (struct lines){ 0 };
	assert_ok(store_phone_value_each(s, PHONE, value_line, &l, &e), e);
	assert_string_equal(l.text, "");
}

/* --- what was served --- */

static void
store_served_put_keeps_the_newest_of_each_known_device(void **state)
{
	struct store *s = ((struct run *)*state)->s;
	const struct store_served all[] = {
		{ PHONE, "{1-a}", "signed", "192.0.2.1", NOW + 5 },
		{ "SEP000000000001", "{1-b}", "plain", "192.0.2.2", NOW },
		{ PHONE, "{1-c}", "encrypted", "192.0.2.3", NOW },
	};
	struct store_served got;
	struct err e = { 0 };
	bool found;

	phone_put(s, PHONE);
	assert_ok(store_served_put(s, all, COUNT(all), &e), e);
	assert_ok(store_served_put(s, NULL, 0, &e), e);
	assert_ok(store_served_get(s, PHONE, &got, &found, &e), e);
	assert_true(found);
	assert_memory_equal(&got, &all[0], sizeof got);
	assert_ok(store_served_get(s, "SEP000000000001", &got, &found, &e), e);
	assert_false(found);
	assert_ok(store_phone_remove(s, PHONE, &found, &e), e);
	assert_ok(store_served_get(s, PHONE, &got, &found, &e), e);
	assert_false(found);
}

static void
a_home_is_where_all_signed_configurations_went(void **state)
{
	static const struct {
		const char *home, *then;
	} steps[] = { { "", "" }, { "192.0.2.1", "192.0.2.1" }, { "", "192.0.2.1" },
		{ "192.0.2.1", "192.0.2.1" }, { "192.0.2.9", STORE_SEVERAL },
		{ "192.0.2.1", STORE_SEVERAL }, { NULL, "" }, { "192.0.2.9", "192.0.2.9" } };
	struct store *s = ((struct run *)*state)->s;
	struct store_served got;
	struct err e = { 0 };
	bool found;

	phone_put(s, PHONE);
	for (size_t i = 0; i < COUNT(steps); i++) {
		struct store_served one = { PHONE, "", "signed", "192.0.2.1", NOW };

		snprintf(
		    one.home, sizeof one.home, "%s", steps[i].home != NULL ? steps[i].home : "");
		if (steps[i].home != NULL)
			assert_ok(store_served_put(s, &one, 1, &e), e);
		else
			assert_ok(store_served_rehome(s, PHONE, &e), e);
		assert_ok(store_served_get(s, PHONE, &got, &found, &e), e);
		assert_string_equal(got.home, steps[i].then);
	}
}

static void
store_good_keeps_the_last_one_of_a_name(void **state)
{
	struct store *s = ((struct run *)*state)->s;
	const char *name = PHONE ".cnf.xml";
	struct bytes xml;
	struct err e = { 0 };
	time_t at;
	bool found;

	assert_ok(store_good_get(s, name, &xml, &at, &found, &e), e);
	assert_false(found);
	assert_ok(store_good_put(s, name, span_str("<one/>"), NOW, &e), e);
	assert_ok(store_good_put(s, name, span_str("<two/>"), NOW + 1, &e), e);
	assert_ok(store_good_put(s, name, span_str("<two/>"), NOW + 2, &e), e); /* the same */
	assert_ok(store_good_get(s, name, &xml, &at, &found, &e), e);
	assert_true(found);
	assert_span_equal(bytes_span(&xml), span_str("<two/>"));
	assert_int_equal(at, NOW + 1);
	bytes_free(&xml);
	assert_ok(store_good_remove(s, name, &e), e);
	assert_ok(store_good_get(s, name, &xml, &at, &found, &e), e);
	assert_false(found);
}

/* --- over all added phones --- */

static bool
text_line(void *arg, const char *text)
{
	return line_add(arg, text, "");
}

static void
store_phone_models_and_names_are_those_of_added_phones(void **state)
{
	static const struct {
		const char *name, *model;
		enum phone_origin origin;
	} phones[] = { { "SEP000000000001", "8861", PHONE_ADDED },
		{ "SEP000000000002", "", PHONE_ADDED }, { "SEP000000000003", "7841", PHONE_SEEN },
		{ "SEP000000000004", "8861", PHONE_ADDED },
		{ "SEP000000000005", "7965", PHONE_ADDED } };
	struct store *s = ((struct run *)*state)->s;
	struct lines models = { 0 }, names = { 0 }, first = { .stop_at = 1 };
	struct err e = { 0 };

	assert_ok(store_phone_models(s, text_line, &models, &e), e);
	assert_string_equal(models.text, "");
	for (size_t i = 0; i < COUNT(phones); i++) {
		struct device d = { "" };
		struct phone p;

		snprintf(d.name, sizeof d.name, "%s", phones[i].name);
		p = phone_new(&d, phones[i].origin);
		snprintf(p.model, sizeof p.model, "%s", phones[i].model);
		assert_ok(store_phone_put(s, &p, &e), e);
	}
	assert_ok(store_phone_models(s, text_line, &models, &e), e);
	assert_string_equal(models.text, "\n7965\n8861\n");
	assert_ok(store_phone_models(s, text_line, &first, &e), e);
	assert_string_equal(first.text, "\n");
	assert_ok(store_phone_names_after(s, "SEP000000000001", 2, text_line, &names, &e), e);
	assert_string_equal(names.text, "SEP000000000002\nSEP000000000004\n");
}

static void
store_phone_count_follows_every_change(void **state)
{
	struct store *s = ((struct run *)*state)->s;
	struct phone p = phone_new(&(struct device){ PHONE }, PHONE_SEEN);
	static const size_t expected[][2] = { { 1, 0 }, { 0, 1 }, { 0, 1 }, { 0, 0 } };
	struct err e = { 0 };
	size_t count;
	bool found;

	for (size_t i = 0; i < COUNT(expected); i++) {
		if (i < 3)
			assert_ok(store_phone_put(s, &p, &e), e);
		else
			assert_ok(store_phone_remove(s, PHONE, &found, &e), e);
		p.origin = PHONE_ADDED;
		assert_ok(store_phone_count(s, PHONE_SEEN, &count, &e), e);
		assert_int_equal(count, expected[i][0]);
		assert_ok(store_phone_count(s, PHONE_ADDED, &count, &e), e);
		assert_int_equal(count, expected[i][1]);
	}
}

int
main(int argc, char **argv)
{
	static struct run run;
	const struct CMUnitTest tests[] = {
		backend_test(store_profile_put_keeps_every_field, &run),
		backend_test(store_profile_each_goes_by_name, &run),
		backend_test(store_profile_remove_is_refused_while_phones_have_it, &run),
		backend_test(store_profile_ec_phones_are_those_that_order_or_hold_ec_keys, &run),
		backend_test(store_group_put_keeps_its_servers_in_order, &run),
		backend_test(store_remote_put_keeps_positions_without_gaps, &run),
		backend_test(store_template_is_found_by_name_model_and_family, &run),
		backend_test(store_template_remove_is_refused_while_somebody_names_it, &run),
		backend_test(store_phone_value_belongs_to_its_phone, &run),
		backend_test(store_served_put_keeps_the_newest_of_each_known_device, &run),
		backend_test(a_home_is_where_all_signed_configurations_went, &run),
		backend_test(store_good_keeps_the_last_one_of_a_name, &run),
		backend_test(store_phone_models_and_names_are_those_of_added_phones, &run),
		backend_test(store_phone_count_follows_every_change, &run),
	};

	run = run_of(argc == 2 ? argv[1] : "");
	return cmocka_run_group_tests(tests, NULL, NULL);
}
