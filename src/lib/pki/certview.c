#include "pki/certview.h"

#include "base/mem.h"
#include "pki/certname.h"
#include "pki/ossl.h"

#include <openssl/err.h>
#include <openssl/objects.h>
#include <openssl/x509v3.h>

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#define OID_TEXT_MAX 128

unsigned
certview_version(const struct cert *c)
{
	return (unsigned)X509_get_version(cert_x509(c)) + 1;
}

/* An OID that OpenSSL has no name for as numbers. */
static const char *
object_name(const ASN1_OBJECT *o)
{
	static char text[OID_TEXT_MAX];

	OBJ_obj2txt(text, sizeof text, o, 0);
	return text;
}

static char *
copy(const char *s)
{
	return mem_text(s, strlen(s));
}

const char *
certview_signature_algorithm(const struct cert *c)
{
	const X509_ALGOR *how;
	const ASN1_OBJECT *o;

	X509_get0_signature(NULL, &how, cert_x509(c));
	X509_ALGOR_get0(&o, NULL, NULL, how);
	return object_name(o);
}

bool
certview_is_self_signed(const struct cert *c)
{
	return cert_is_issued_by(c, c, NULL);
}

char *
certview_issuer_name(const struct cert *c)
{
	const X509_NAME *issuer = X509_get_issuer_name(cert_x509(c));
	char *name = certname_common(issuer, NULL);

	if (name != NULL && *name != '\0')
		return name;
	free(name);
	return certname_cucm(issuer, NULL);
}

/* Takes blanks away around each line, and empty lines. */
static void
tidy(char *text)
{
	char *out = text;

	for (char *line = text; *line != '\0';) {
		size_t n = strcspn(line, "\n"), from = 0, to = n;
		char *next = line + n + (line[n] == '\n');

		while (from < to && isspace((unsigned char)line[from]))
			from++;
		while (to > from && isspace((unsigned char)line[to - 1]))
			to--;
		if (to > from) {
			if (out != text)
				*out++ = '\n';
			memmove(out, line + from, to - from);
			out += to - from;
		}
		line = next;
	}
	*out = '\0';
}

bool
certview_extension(const struct cert *c, size_t i, struct certview_extension *out)
{
	const X509 *x509 = cert_x509(c);
	X509_EXTENSION *x;
	BIO *bio;
	bool shown;

	if ((int)i >= X509_get_ext_count(x509))
		return false;
	x = X509_get_ext(x509, (int)i);
	bio = BIO_new(BIO_s_mem());
	shown = bio != NULL && (X509V3_EXT_print(bio, x, X509V3_EXT_DUMP_UNKNOWN, 0) == 1 ||
				   ASN1_STRING_print(bio, X509_EXTENSION_get_data(x)) == 1);
	ERR_clear_error();
	out->name = copy(object_name(X509_EXTENSION_get_object(x)));
	out->value = ossl_bio_text(bio, shown);
	if (out->value == NULL)
		out->value = copy("");
	tidy(out->value);
	out->critical = X509_EXTENSION_get_critical(x) == 1;
	return true;
}

void
certview_extension_free(struct certview_extension *x)
{
	free(x->name);
	free(x->value);
	*x = (struct certview_extension){ 0 };
}
