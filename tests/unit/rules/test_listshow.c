#include "../check.h"

#include "rules/fileshow.h"
#include "rules/listshow.h"
#include "vectors.h"

#include <stdlib.h>

#define DATE        "Wed Jul 27 10:16:24 EDT 2011"
#define LISTING_MAX (1024 * 1024)

/* The listing as text; verified tells what listshow_file said. */
static char *
listing_of(struct span file, bool *verified, struct err *e)
{
	struct wr w = wr_new(LISTING_MAX);
	struct bytes out;

	*verified = listshow_file(listshow_kind_of(file), file, DATE, &w, e);
	wr_u8(&w, 0);
	assert_true(wr_done(&w, &out, NULL));
	return (char *)out.p;
}

static void
check_golden(const char *vector, const char *golden)
{
	struct bytes file, want;
	struct err e = { 0 };
	bool verified;
	char *text;

	assert_true(vectors_read(vector, &file));
	assert_true(vectors_read(golden, &want));
	text = listing_of(bytes_span(&file), &verified, &e);
	assert_ok(verified, e);
	if (!span_eq(span_str(text), bytes_span(&want)))
		fail_msg("%s is not the listing of %s:\n%s", golden, vector, text);
	free(text);
	bytes_free(&want);
	bytes_free(&file);
}

static void
listings_are_the_golden_ones(void **state)
{
	(void)state;
	check_golden("tlv/cucm-01-itl-8.0-layout-5438.tlv", "show/cucm-01.txt");
	check_golden("tlv/cucm-02-itl-11.x-layout.tlv", "show/cucm-02.txt");
	check_golden("tlv/cucm-04-ctl-token-nonsecure.tlv", "show/cucm-04.txt");
	check_golden("tlv/itl-12-utf8-names.tlv", "show/itl-12.txt");
}

/* Lines of the real listings that the layouts of vectors 01 and 02 rebuild (doc/protocols/phone.md
 * 7.1 and files.md 2), in their order. Certificates are our own, so hashes and host names differ.
 */
static const char *const lines_01[] = {
	"Length of ITL file: 5438\n"
	"The ITL File was last modified on Wed Jul 27 10:16:24 EDT 2011\n\n"
	"Parse ITL File\n----------------\n\n"
	"Version:\t1.2\nHeaderLength:\t296 (BYTES)\n\n"
	"BYTEPOS\tTAG\t\tLENGTH\tVALUE\n-------\t---\t\t------\t-----\n"
	"3\tSIGNERID\t2\t110\n4\tSIGNERNAME\t76\tCN=CUCM8-Publisher.",
	"5\tSERIALNUMBER\t10\t21:00:2D:17:00:00:00:00:00:05\n6\tCANAME\t\t15\tCN=",
	"7\tSIGNATUREINFO\t2\t15\n8\tDIGESTALGORTITHM\t1\n9\tSIGNATUREALGOINFO\t2\t8\n"
	"10\tSIGNATUREALGORTITHM\t1\n11\tSIGNATUREMODULUS\t1\n12\tSIGNATURE\t128\n",
	"14\tFILENAME\t12\n15\tTIMESTAMP\t4\n",
	"ITL Record #:1\n\t  ----\nBYTEPOS\tTAG\t\tLENGTH\tVALUE\n-------\t---\t\t------\t-----\n"
	"1\tRECORDLENGTH\t2\t1972\n2\tDNSNAME\t\t2\n3\tSUBJECTNAME\t76\tCN=CUCM8-Publisher.",
	"4\tFUNCTION\t2\tSystem Administrator Security Token\n5\tISSUERNAME\t15\tCN=",
	"6\tSERIALNUMBER\t10\t21:00:2D:17:00:00:00:00:00:05\n7\tPUBLICKEY\t140\n8\tSIGNATURE\t256\n"
	"9\tCERTIFICATE\t1442\t",
	" (SHA1 Hash HEX)\nThis etoken was used to sign the ITL file.\n",
	"ITL Record #:2\n",
	"4\tFUNCTION\t2\tCCM+TFTP\n",
	"ITL Record #:3\n",
	"1\tRECORDLENGTH\t2\t743\n",
	"4\tFUNCTION\t2\tTVS\n",
	"6\tSERIALNUMBER\t8\t2E:3E:1A:7B:DA:A6:4D:84\n7\tPUBLICKEY\t270\n8\tSIGNATURE\t256\n"
	"11\tCERTHASH\t20\t",
	"12\tHASH ALGORITHM\t1\tSHA-1\n",
	"ITL Record #:4\n",
	"1\tRECORDLENGTH\t2\t455\n",
	"4\tFUNCTION\t2\tCAPF\n",
	"The ITL file was verified successfully.\n",
	NULL,
};

static const char *const lines_02[] = {
	"1\tRECORDLENGTH\t2\t727\n2\tDNSNAME\t\t2\n"
	"3\tSUBJECTNAME\t64\tCN=CAPF-7f0ae8d7;OU=TAC;O=Cisco Systems;L=Boxborough;ST=MA;C=US\n"
	"4\tFUNCTION\t2\tCAPF\n"
	"5\tISSUERNAME\t64\tCN=CAPF-7f0ae8d7;OU=TAC;O=Cisco Systems;L=Boxborough;ST=MA;C=US\n"
	"6\tSERIALNUMBER\t16\t64:F2:FE:61:3B:79:C5:D3:62:E2:6D:AB:4A:8B:76:1B\n"
	"7\tPUBLICKEY\t270\n8\tSIGNATURE\t256\n11\tCERTHASH\t20\t",
	"1\tRECORDLENGTH\t2\t717\n",
	"1\tRECORDLENGTH\t2\t1680\n",
	"3\tSUBJECTNAME\t71\tCN=ITLRECOVERY_ao115pub;",
	"9\tCERTIFICATE\t963\t",
	"This etoken was not used to sign the ITL file.\n",
	"1\tRECORDLENGTH\t2\t717\n",
	"1\tRECORDLENGTH\t2\t1652\n",
	"9\tCERTIFICATE\t959\t",
	"This etoken was used to sign the ITL file.\n",
	"1\tRECORDLENGTH\t2\t1652\n",
	"4\tFUNCTION\t2\tTFTP\n",
	"1\tRECORDLENGTH\t2\t1031\n2\tDNSNAME\t\t9\tao115sub\n"
	"3\tSUBJECTNAME\t62\tCN=ao115sub-EC;OU=TAC;O=Cisco Systems;L=Boxborough;ST=MA;C=US\n",
	"7\tPUBLICKEY\t97\n8\tSIGNATURE\t103\n9\tCERTIFICATE\t651\t",
	"The ITL file was verified successfully.\n",
	NULL,
};

static void
check_lines(const char *vector, const char *const *lines)
{
	struct bytes file;
	struct err e = { 0 };
	bool verified;
	char *text;
	const char *at;

	assert_true(vectors_read(vector, &file));
	at = text = listing_of(bytes_span(&file), &verified, &e);
	assert_ok(verified, e);
	for (; *lines != NULL; lines++) {
		const char *found = strstr(at, *lines);

		if (found == NULL)
			fail_msg("%s: not there, or not in its place: %s", vector, *lines);
		else
			at = found + strlen(*lines);
	}
	assert_string_equal(at, "");
	free(text);
	bytes_free(&file);
}

static void
listings_have_the_lines_of_real_clusters_in_their_order(void **state)
{
	(void)state;
	check_lines("tlv/cucm-01-itl-8.0-layout-5438.tlv", lines_01);
	check_lines("tlv/cucm-02-itl-11.x-layout.tlv", lines_02);
}

static void
listing_of_a_changed_list_says_that_it_failed(void **state)
{
	struct bytes file;
	struct err e = { 0 };
	bool verified;
	char *text;

	(void)state;
	assert_true(vectors_read("tlv/cucm-02-itl-11.x-layout.tlv", &file));
	file.p[file.n - 1] ^= 1;
	text = listing_of(bytes_span(&file), &verified, &e);
	assert_false(verified);
	assert_non_null(strstr(e.text, "T14"));
	assert_non_null(
	    strstr(text, "\nVerification of the ITL file failed.\nError parsing the ITL file!!\n"));
	assert_null(strstr(text, "successfully"));
	free(text);
	file.n--;
	text = listing_of(bytes_span(&file), &verified, &e);
	assert_false(verified);
	assert_non_null(strstr(text,
	    "Parse ITL File\n----------------\n\nVerification of the ITL file failed.\n"
	    "Error parsing the ITL"));
	free(text);
	bytes_free(&file);
}

static void
listing_of_a_missing_file_has_the_texts_of_the_cli(void **state)
{
	struct wr w = wr_new(4096);
	static const char want[] =
	    "Length of ITL file: 0\n"
	    "ITL File not found. To generate an ITL file, activate or restart the Cisco TFTP "
	    "service as this servers.\n"
	    "Error parsing the ITL File.\n"
	    "Length of CTL file: 0\n"
	    "CTL File not found. Please run CTLClient plugin or run the CLI - utils ctl.. to "
	    "generate the CTL file.\n"
	    "Error parsing the CTL File.\n";

	(void)state;
	listshow_missing(LISTSHOW_ITL, &w);
	listshow_missing(LISTSHOW_CTL, &w);
	assert_span_equal(wr_view(&w), span_str(want));
	wr_free(&w);
}

static void
listing_that_does_not_fit_is_an_error(void **state)
{
	struct wr w = wr_new(1000);
	struct bytes file;
	struct err e;

	(void)state;
	assert_true(vectors_read("tlv/cucm-02-itl-11.x-layout.tlv", &file));
	assert_fails(listshow_file(LISTSHOW_ITL, bytes_span(&file), DATE, &w, &e), e, ERR_LIMIT,
	    "does not fit");
	wr_free(&w);
	bytes_free(&file);
}

static void
check_file_text(const char *vector, bool encrypted, const char *const *parts)
{
	struct wr w = wr_new(LISTING_MAX);
	struct bytes file;
	struct sgn s;
	struct encfile f;
	struct err e = { 0 };

	assert_true(vectors_read(vector, &file));
	if (encrypted) {
		assert_ok(encfile_parse(bytes_span(&file), &f, &e), e);
		fileshow_enc(&f, &w);
	} else {
		assert_ok(sgn_parse(bytes_span(&file), &s, &e), e);
		fileshow_sgn(&s, &w);
	}
	wr_u8(&w, 0);
	for (; *parts != NULL; parts++)
		if (strstr((const char *)wr_view(&w).p, *parts) == NULL)
			fail_msg(
			    "%s: %s is not in\n%s", vector, *parts, (const char *)wr_view(&w).p);
	wr_free(&w);
	bytes_free(&file);
}

static void
text_of_signed_and_encrypted_files_has_every_field(void **state)
{
	static const char *const sgn[] = { "Version:\t1.0\nHeaderLength:\t412 (BYTES)\n",
		"3\tSIGNERID\t2\t80\n", "4\tSIGNERNAME\t35\tCN=tftp1,O=Example Phones,OU=Files\n",
		"5\tSERIALNUMBER\t1\t05\n", "8\tDIGESTALGORTITHM\t1\tSHA512\n",
		"12\tSIGNATURE\t256\n", "14\tFILENAME\t32\tDesktops/320x196x4/Logo.png.sgn\n",
		"15\tTIMESTAMP\t4\t2026-11-22T03:58:09Z\n", "Payload:\t70001 (BYTES)\n", NULL };
	static const char *const enc[] = { "Version:\t2.0\nHeaderLength:\t792 (BYTES)\n",
		"2\t306\n", "2\t28\n", "2\t272\n", "\t2048\n", "\tSHA512\n",
		"Payload:\t480 (BYTES), encrypted; 464 without padding\n", NULL };

	(void)state;
	check_file_text("sgn/Logo.png.sgn", false, sgn);
	check_file_text("enc/SEPAABBCCDDEEFF.cnf.xml.enc.sgn", true, enc);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(listings_are_the_golden_ones),
		cmocka_unit_test(listings_have_the_lines_of_real_clusters_in_their_order),
		cmocka_unit_test(listing_of_a_changed_list_says_that_it_failed),
		cmocka_unit_test(listing_of_a_missing_file_has_the_texts_of_the_cli),
		cmocka_unit_test(listing_that_does_not_fit_is_an_error),
		cmocka_unit_test(text_of_signed_and_encrypted_files_has_every_field),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
