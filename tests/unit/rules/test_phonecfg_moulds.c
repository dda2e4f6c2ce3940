#include "../check.h"

#include "rules/phonecfg_moulds.h"
#include "sample.h"

#include <stdlib.h>

#define COUNT(a) (sizeof(a) / sizeof(a)[0])
#define ROOM     (1024 * 1024)
#define TEMPLATE \
	"<device><label>{{label|{{name}}}}</label>\n" \
	"<x><![CDATA[{{name}}]]></x><y>{{none|}}</y>{{name}} of {{name}}</device>"

/* The values of one phone: key, value, key, value, NULL. */
struct values {
	const char *const *pairs;
	size_t asked;
};

static bool
lookup(void *arg, const char *key, char value[PHONECFG_VALUE_MAX])
{
	struct values *v = arg;

	v->asked++;
	for (const char *const *p = v->pairs; *p != NULL; p += 2)
		if (strcmp(p[0], key) == 0) {
			snprintf(value, PHONECFG_VALUE_MAX, "%s", p[1]);
			return true;
		}
	return false;
}

#define PHONE(...) ((const char *const[]){ __VA_ARGS__, NULL })

/* What the moulds give is what is built, or the same error. */
static void
same_as_built(
    struct phonecfg_moulds *all, const char *xml, struct phonecfg_wish w, const char *const *pairs)
{
	char stamp[PHONECFG_STAMP_MAX], cast_stamp[PHONECFG_STAMP_MAX];
	struct values v = { pairs, 0 };
	struct bytes built, cast;
	struct err e = { 0 }, cast_e = { 0 };
	bool ok;

	w.lookup = lookup;
	w.arg = &v;
	ok = phonecfg_build(span_str(xml), &w, &built, stamp, &e);
	assert_int_equal(
	    phonecfg_moulds_build(all, span_str(xml), &w, &cast, cast_stamp, &cast_e), ok);
	if (!ok) {
		assert_string_equal(cast_e.text, e.text);
		return;
	}
	assert_true(span_eq(bytes_span(&cast), bytes_span(&built)));
	assert_string_equal(cast_stamp, stamp);
	bytes_free(&built);
	bytes_free(&cast);
}

static void
moulds_give_every_phone_what_is_built_for_it(void **state)
{
	const char *const *const phones[] = {
		PHONE("name", "SEP1"),
		PHONE("name", "SEP2"),
		PHONE("name", "SEP3"),
		PHONE("name", "SEP4", "label", "J\xc3\xb6rg's \"desk\""),
		PHONE("name", "SEP5", "label", ""),
		PHONE("name", "SEP6", "label", "a < b & c > d"),
		PHONE("name", "SEP7", "label", "a\rb"),
		PHONE("name", "SEP8", "label", "a\n\tb"),
		PHONE("name", "SEP9", "label", "]]>"),
		PHONE("name", "SEP10", "label",
		    "\xef\xa3\xbf"
		    "00"
		    "\xef\xa3\xbf"),
		PHONE("name", "00000000-0000-0000-0000-000000000000"),
		PHONE("name", "\xff"),
		PHONE("label", "no name"),
		PHONE("name", "SEP11", "label", "once more"),
	};
	struct phonecfg_moulds *all = phonecfg_moulds_new(ROOM);
	struct phonecfg_wish w = sample_wish();

	(void)state;
	for (size_t round = 0; round < 2; round++)
		for (size_t i = 0; i < COUNT(phones); i++)
			same_as_built(all, TEMPLATE, w, phones[i]);
	assert_int_equal(phonecfg_moulds_count(all), 2);
	phonecfg_moulds_free(all);
}

static void
a_mould_looks_every_key_up_once(void **state)
{
	static const char *const pairs[] = { "name", "SEP1", NULL };
	struct phonecfg_moulds *all = phonecfg_moulds_new(ROOM);
	struct phonecfg_wish w = sample_wish();
	char stamp[PHONECFG_STAMP_MAX];
	struct values v = { pairs, 0 };
	struct bytes out;
	struct err e;

	(void)state;
	same_as_built(all, TEMPLATE, w, pairs);
	same_as_built(all, TEMPLATE, w, pairs);
	w.lookup = lookup;
	w.arg = &v;
	assert_true(phonecfg_moulds_build(all, span_str(TEMPLATE), &w, &out, stamp, &e));
	assert_int_equal(v.asked, 3);
	bytes_free(&out);
	phonecfg_moulds_free(all);
}

static void
every_field_of_a_wish_makes_another_mould(void **state)
{
	struct phonecfg_moulds *all = phonecfg_moulds_new(ROOM);
	struct phonecfg_wish w[14];
	static const uint8_t sha1[20] = { 1 };

	(void)state;
	for (size_t i = 0; i < COUNT(w); i++)
		w[i] = sample_wish();
	w[1].capf_auth = PHONECFG_CAPF_NULL_STRING;
	w[2].capf[0].port++;
	w[3].capf_count--;
	snprintf(w[4].tvs[0].host, PHONECFG_HOST_MAX, "other");
	w[5].tvs_count--;
	snprintf(w[6].manager[0].host, PHONECFG_HOST_MAX, "other");
	w[7].manager[0].port++;
	w[8].mode = PHONECFG_MODE_UNSET;
	w[9].transport = 0;
	w[10].encrypted = !w[10].encrypted;
	w[11].cert_hash = "0123";
	w[12].vpn_sha1[0] = span_of(sha1, sizeof sha1);
	w[13].secure_url[0] = "https://other";
	for (size_t round = 0; round < 3; round++)
		for (size_t i = 0; i < COUNT(w); i++)
			same_as_built(all, sample_xml, w[i], PHONE("name", "SEP1"));
	for (size_t round = 0; round < 3; round++)
		for (size_t i = 0; i < COUNT(w); i++)
			same_as_built(all, TEMPLATE, w[i], PHONE("name", "SEP1"));
	phonecfg_moulds_free(all);
}

static void
what_cannot_be_cast_is_built(void **state)
{
	static const char *const rows[] = {
		"<device><m priority=\"{{name}}\"/></device>",
		("<device><devicePool><callManagerGroup><members><member priority=\"{{p}}\"/>"
		 "</members></callManagerGroup></devicePool></device>"),
		"<device><a>\xef\xa3\xbf{{name}}</a></device>",
		"<device><a>00000000-0000-0000-0000-000000000000{{name}}</a></device>",
		"<device><a>{{name</a></device>",
		"<device><a>{{name}}</device>",
		"<other>{{name}}</other>",
	};
	struct phonecfg_moulds *all = phonecfg_moulds_new(ROOM);

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++)
		for (size_t round = 0; round < 3; round++) {
			same_as_built(all, rows[i], sample_wish(), PHONE("name", "SEP1", "p", "1"));
			same_as_built(all, rows[i], sample_wish(), PHONE("name", "SEP2", "p", "0"));
		}
	assert_int_equal(phonecfg_moulds_count(all), 0);
	phonecfg_moulds_free(all);
}

static void
rollback_is_built(void **state)
{
	struct phonecfg_moulds *all = phonecfg_moulds_new(ROOM);
	struct phonecfg_wish w = sample_wish();
	static const char xml[] = "<device><authenticationURL>{{url}}</authenticationURL>"
				  "<secureAuthenticationURL/></device>";

	(void)state;
	w.rollback = true;
	for (size_t round = 0; round < 3; round++) {
		same_as_built(all, xml, w, PHONE("url", "https://a:8443/b"));
		same_as_built(all, xml, w, PHONE("url", "http://a:8443/b"));
	}
	assert_int_equal(phonecfg_moulds_count(all), 0);
	phonecfg_moulds_free(all);
}

static void
moulds_keep_to_their_room(void **state)
{
	struct phonecfg_moulds *all = phonecfg_moulds_new(8000);
	char xml[100];

	(void)state;
	for (size_t i = 0; i < 100; i++) {
		snprintf(xml, sizeof xml, "<device><a>{{name}}</a><b>%zu</b></device>", i);
		for (size_t round = 0; round < 3; round++)
			same_as_built(all, xml, sample_wish(), PHONE("name", "SEP1"));
	}
	assert_in_range(phonecfg_moulds_count(all), 1, 8);
	phonecfg_moulds_free(all);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(moulds_give_every_phone_what_is_built_for_it),
		cmocka_unit_test(a_mould_looks_every_key_up_once),
		cmocka_unit_test(every_field_of_a_wish_makes_another_mould),
		cmocka_unit_test(what_cannot_be_cast_is_built),
		cmocka_unit_test(rollback_is_built),
		cmocka_unit_test(moulds_keep_to_their_room),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
