#include "fixture.h"

#include "pki/certview.h"

#include <stdlib.h>
#include <string.h>

static void
certview_shows_every_extension_in_tidy_lines(void **state)
{
	(void)state;
	for (size_t i = 0; fixture_names[i] != NULL; i++) {
		struct cert *c = fixture_cert(fixture_names[i]);
		struct certview_extension x;
		char *issuer = certview_issuer_name(c);

		for (size_t n = 0; certview_extension(c, n, &x); n++) {
			assert_true(*x.name != '\0' && *x.value != '\0');
			assert_true(x.value[0] != ' ' && x.value[strlen(x.value) - 1] != '\n');
			assert_null(strstr(x.value, "\n\n"));
			certview_extension_free(&x);
		}
		assert_true(certview_version(c) >= 1 && certview_version(c) <= 3);
		assert_non_null(issuer);
		free(issuer);
		cert_free(c);
	}
}

static void
certview_tells_self_signed_ones_and_names_their_issuer(void **state)
{
	struct cert *c = fixture_cert("capf");
	char *issuer = certview_issuer_name(c);

	(void)state;
	assert_true(certview_is_self_signed(c));
	assert_string_equal(issuer, cert_common_name(c));
	assert_non_null(strstr(certview_signature_algorithm(c), "WithRSAEncryption"));
	free(issuer);
	cert_free(c);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(certview_shows_every_extension_in_tidy_lines),
		cmocka_unit_test(certview_tells_self_signed_ones_and_names_their_issuer),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
