#include "../check.h"

#include "base/mem.h"
#include "rules/phonecfg.h"

#include <stdlib.h>

#define COUNT(a) (sizeof(a) / sizeof(a)[0])

#define TAIL "\n</device>"

static bool
lookup(void *arg, const char *key, char value[PHONECFG_VALUE_MAX])
{
	static const struct {
		const char *key, *value;
	} values[] = {
		{ "name", "SEP001122334455" },
		{ "line1.name", "4711" },
		{ "evil", "</a><b c=\"'&{{name}}" },
		{ "empty", "" },
		{ "umlaut", "J\xc3\xb6rg" },
		{ "latin1", "J\xf6rg" },
		{ "bell", "\a" },
		{ "noncharacter", "\xef\xbf\xbe" },
		{ "lines", "a\nb\tc\rd" },
		{ "cdata", "]]>" },
	};

	*(size_t *)arg += 1;
	for (size_t i = 0; i < COUNT(values); i++)
		if (strcmp(values[i].key, key) == 0) {
			snprintf(value, PHONECFG_VALUE_MAX, "%s", values[i].value);
			return true;
		}
	return false;
}

static bool
fill(const char *xml, struct bytes *out, struct err *e)
{
	size_t asked = 0;
	struct phonecfg_wish w = { .lookup = lookup, .arg = &asked };

	return phonecfg_build(span_str(xml), &w, out, NULL, e);
}

static void
phonecfg_fill_puts_values_in(void **state)
{
	static const struct {
		const char *from, *to;
	} rows[] = {
		{ "<a>{{name}}</a>", "<a>SEP001122334455</a>" },
		{ "<a>x{{name}}y{{line1.name}}z</a>", "<a>xSEP001122334455y4711z</a>" },
		{ "<a b=\"{{name}}\" c='{{line1.name|9}}'/>",
		    "<a b=\"SEP001122334455\" c=\"4711\"/>" },
		{ "<a>{{none|otherwise}}</a>", "<a>otherwise</a>" },
		{ "<a>{{none|a|b}}</a>", "<a>a|b</a>" },
		{ "<a>{{none|a &lt; b}}</a>", "<a>a &lt; b</a>" },
		{ "<a>{{none|}}</a><b/>", "<a/><b/>" },
		{ "<a>{{empty}}</a><b/>", "<a/><b/>" },
		{ "<a>{{empty|no}}</a><b/>", "<a/><b/>" },
		{ "<a b=\"{{none|}}\"/>", "<a b=\"\"/>" },
		{ "<a>{{none|{{name}}}}</a>", "<a>SEP001122334455</a>" },
		{ "<a>{{none|x{{nor|y{{line1.name}}z}}w}}</a>", "<a>xy4711zw</a>" },
		{ "<a>{{name|{{none}}}}</a>", "<a>SEP001122334455</a>" },
		{ "<a>{{evil}}</a>", "<a>&lt;/a&gt;&lt;b c=\"'&amp;{{name}}</a>" },
		{ "<a b=\"{{evil}}\"/>", "<a b=\"&lt;/a&gt;&lt;b c=&quot;'&amp;{{name}}\"/>" },
		{ "<a>{{umlaut}}</a>", "<a>J\xc3\xb6rg</a>" },
		{ "<a>{{lines}}</a>", "<a>a\nb\tc&#13;d</a>" },
		{ "<a><![CDATA[{{name}} & ]]></a>", "<a><![CDATA[SEP001122334455 & ]]></a>" },
		{ "<a><![CDATA[{{empty}}]]></a>", "<a/>" },
		{ "<a><b/>{{name}}<c/> {{name}}</a>",
		    "<a><b/>SEP001122334455<c/> SEP001122334455</a>" },
		{ "<!-- {{none}} --><?p {{none}}?>", "<!-- {{none}} --><?p {{none}}?>" },
		{ "<a>{name} }} {</a>", "<a>{name} }} {</a>" },
		{ "<a>{&#123;name}}</a>", "<a>SEP001122334455</a>" },
		{ "<certHash>{{name}}</certHash>", "<certHash/>" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		char xml[300];
		struct bytes out;
		struct err e = { 0 };

		snprintf(xml, sizeof xml, "<device>%s" TAIL, rows[i].from);
		assert_ok(fill(xml, &out, &e), e);
		snprintf(xml, sizeof xml, "<device>%s\n<", rows[i].to);
		if (memmem(out.p, out.n, xml, strlen(xml)) == NULL)
			fail_msg("%s: %.*s", rows[i].from, (int)out.n, (const char *)out.p);
		bytes_free(&out);
	}
}

static void
phonecfg_fill_splits_a_cdata_section_that_would_end(void **state)
{
	struct bytes out;
	struct phonecfg c;
	struct err e = { 0 };

	(void)state;
	assert_ok(fill("<device><a><![CDATA[x{{cdata}}<y>]]></a></device>", &out, &e), e);
	assert_ok(phonecfg_parse(bytes_span(&out), &c, &e), e);
	assert_null(memmem(out.p, out.n, "]]><y>", 6));
	bytes_free(&out);
}

static void
phonecfg_fill_says_line_and_name_of_what_is_wrong(void **state)
{
	static const struct {
		const char *xml;
		enum err_code code;
		const char *part;
	} rows[] = {
		{ "<device>\n\n<a>{{none}}</a></device>", ERR_UNKNOWN,
		    "line 3: placeholder '{{none}}' has no value" },
		{ "<device>\n<a b=\"{{none}}\"/></device>", ERR_UNKNOWN, "line 2: placeholder" },
		{ "<device><a>\n\nx {{none}}\n\n</a></device>", ERR_UNKNOWN, "line 3: " },
		{ "<device>\n<a/>\n{{none}}\n\n</device>", ERR_UNKNOWN, "line 3: " },
		{ "<device>\n<a/><![CDATA[\n{{none}}\n\n]]></device>", ERR_UNKNOWN, "line 3: " },
		{ "<device>\n<a>{{empty}}</a><b>\n{{none}}</b></device>", ERR_UNKNOWN, "line 3: " },
		{ "<device>\n<a>{{none|{{nor}}}}</a></device>", ERR_UNKNOWN,
		    "line 2: placeholder '{{nor}}' has no value" },
		{ "<device>{{name</device>", ERR_MALFORMED,
		    "line 1: placeholder '{{name' has no end" },
		{ "<device>{{none|{{name}}</device>", ERR_MALFORMED, "has no end" },
		{ "<device>{{}}</device>", ERR_MALFORMED, "'{{}}' is none: expected {{key}}" },
		{ "<device>{{|x}}</device>", ERR_MALFORMED, "is none" },
		{ "<device>{{a b}}</device>", ERR_MALFORMED, "is none" },
		{ "<device>{{{name}}}</device>", ERR_MALFORMED, "is none" },
		{ "<device>{{0123456789012345678901234567890123456789012345678901234567890123}}"
		  "</device>",
		    ERR_MALFORMED, "is none" },
		{ "<device>{{a|{{b|{{c|{{d|{{e|}}}}}}}}}}</device>", ERR_MALFORMED, "too deep" },
		{ "<device>\n{{latin1}}</device>", ERR_MALFORMED,
		    "line 2: placeholder '{{latin1}}'" },
		{ "<device>{{bell}}</device>", ERR_MALFORMED, "cannot stand in XML" },
		{ "<device>{{noncharacter}}</device>", ERR_MALFORMED, "cannot stand in XML" },
	};
	struct bytes out;
	struct err e;

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++)
		assert_fails(fill(rows[i].xml, &out, &e), e, rows[i].code, rows[i].part);
}

static bool
longest(void *arg, const char *key, char value[PHONECFG_VALUE_MAX])
{
	(void)arg;
	(void)key;
	memset(value, 'x', PHONECFG_VALUE_MAX - 1);
	value[PHONECFG_VALUE_MAX - 1] = '\0';
	return true;
}

static void
phonecfg_fill_is_bounded(void **state)
{
	const size_t count = 100000;
	char *xml = mem_new(count * 5 + 64, 1), *at = xml + sprintf(xml, "<device><a>");
	struct phonecfg_wish w = { .lookup = longest };
	struct bytes out;
	struct err e;

	(void)state;
	for (size_t i = 0; i < count; i++, at += 5)
		memcpy(at, "{{a}}", 5);
	strcpy(at, "</a></device>");
	assert_fails(phonecfg_build(span_str(xml), &w, &out, NULL, &e), e, ERR_LIMIT, "filled in");
	free(xml);
}

static void
phonecfg_fill_leaves_text_alone_without_lookup(void **state)
{
	static const char xml[] = "<device><a b=\"{{x}}\">{{y|z}} {{</a></device>";
	struct phonecfg_wish w = { .lookup = NULL };
	struct bytes out;
	struct err e = { 0 };

	(void)state;
	assert_ok(phonecfg_build(span_str(xml), &w, &out, NULL, &e), e);
	assert_non_null(memmem(out.p, out.n, xml, strlen("<device><a b=\"{{x}}\">{{y|z}} {{</a>")));
	bytes_free(&out);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(phonecfg_fill_puts_values_in),
		cmocka_unit_test(phonecfg_fill_splits_a_cdata_section_that_would_end),
		cmocka_unit_test(phonecfg_fill_says_line_and_name_of_what_is_wrong),
		cmocka_unit_test(phonecfg_fill_is_bounded),
		cmocka_unit_test(phonecfg_fill_leaves_text_alone_without_lookup),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
