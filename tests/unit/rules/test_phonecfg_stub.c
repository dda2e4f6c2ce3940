#include "../check.h"

#include "sample.h"
#include "vectors.h"

#include <stdlib.h>

#define COUNT(a) (sizeof(a) / sizeof(a)[0])

static void
phonecfg_version_follows_from_content(void **state)
{
	struct phonecfg_wish w = sample_wish();
	char first[64], second[64], cut[8];
	char *a = sample_built("<device><x>1</x></device>", &w);
	char *b = sample_built("<device><x>2</x></device>", &w);
	struct err e = { 0 };

	(void)state;
	assert_ok(phonecfg_version(span_str(a), first, sizeof first, &e), e);
	assert_ok(phonecfg_version(span_str(b), second, sizeof second, &e), e);
	assert_int_equal(strlen(first), 36);
	assert_int_equal(strspn(first, "0123456789abcdef-"), 36);
	assert_string_not_equal(first, second);
	assert_ok(phonecfg_version(span_str(a), cut, sizeof cut, &e), e);
	assert_memory_equal(cut, first, 7);
	assert_ok(phonecfg_version(span_str("<device/>"), first, sizeof first, &e), e);
	assert_string_equal(first, "");
	assert_fails(phonecfg_version(span_str("<device>"), first, sizeof first, &e), e,
	    ERR_MALFORMED, "line 1");
	free(a);
	free(b);
}

/* The companions of the vectors were made by other hands. */
static void
phonecfg_stub_is_the_companion_of_the_vectors(void **state)
{
	static const char *const names[] = { "SEP001122334455", "SEP58971ECC97C1",
		"SEP58971ECC97C3", "SEPAABBCCDDEE01", "SEPAABBCCDDEEFF" };
	struct err e = { 0 };

	(void)state;
	for (size_t i = 0; i < COUNT(names); i++) {
		struct bytes full, file, stub;
		char path[80];
		struct phonecfg c;
		const uint8_t *xml;

		snprintf(path, sizeof path, "enc/%s.cnf.xml.plain", names[i]);
		assert_true(vectors_read(path, &full));
		snprintf(path, sizeof path, "enc/%s.cnf.xml.sgn", names[i]);
		assert_true(vectors_read(path, &file));
		xml = memmem(file.p, file.n, "<?xml", 5);
		assert_non_null(xml);
		assert_ok(phonecfg_parse(span_of(xml, file.n - (size_t)(xml - file.p)), &c, &e), e);
		assert_ok(phonecfg_stub(bytes_span(&full), c.cert_hash, &stub, &e), e);
		assert_span_equal(bytes_span(&stub), span_of(xml, file.n - (size_t)(xml - file.p)));
		bytes_free(&stub);
		bytes_free(&full);
		bytes_free(&file);
	}
}

static void
phonecfg_stub_shows_nothing_else(void **state)
{
	struct phonecfg_wish w = sample_wish();
	char *full =
	    sample_built("<device secret=\"1\"><sshPassword>s</sshPassword><capfList/>"
			 "<loadInformation> l </loadInformation><loadInformation>m"
			 "</loadInformation><!-- s --><ipAddressMode>2</ipAddressMode></device>",
		&w);
	struct bytes stub;
	struct err e = { 0 };

	(void)state;
	assert_ok(phonecfg_stub(span_str(full), "", &stub, &e), e);
	assert_span_equal(bytes_span(&stub),
	    span_str("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<device>\n"
		     "  <fullConfig>false</fullConfig>\n  <capfList>\n    <capf>\n"
		     "      <phonePort>3804</phonePort>\n"
		     "      <processNodeName>10.0.0.1</processNodeName>\n    </capf>\n    <capf>\n"
		     "      <phonePort>3804</phonePort>\n"
		     "      <processNodeName>10.0.0.2</processNodeName>\n    </capf>\n"
		     "  </capfList>\n  <loadInformation> l </loadInformation>\n"
		     "  <ipAddressMode>2</ipAddressMode>\n  <capfAuthMode>2</capfAuthMode>\n"
		     "  <certHash/>\n  <encrConfig>true</encrConfig>\n</device>\n"));
	bytes_free(&stub);
	free(full);
	assert_fails(
	    phonecfg_stub(span_str("<Default/>"), "", &stub, &e), e, ERR_MALFORMED, "root");
	assert_fails(phonecfg_stub(span_str("<x"), "", &stub, &e), e, ERR_MALFORMED, "line 1");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(phonecfg_version_follows_from_content),
		cmocka_unit_test(phonecfg_stub_is_the_companion_of_the_vectors),
		cmocka_unit_test(phonecfg_stub_shows_nothing_else),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
