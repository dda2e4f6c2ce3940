#include "pki/p12.h"

#include "base/mem.h"
#include "pki/ossl.h"

#include <openssl/pem.h>
#include <openssl/pkcs12.h>

#include <stdlib.h>
#include <string.h>

#define ITERATIONS 10000

/* What keytool of a JDK writes beside a certificate that it trusts: trustedKeyUsage, any. */
#define JAVA_TRUSTED "2.16.840.1.113894.746875.1.1"

struct p12 {
	STACK_OF(PKCS12_SAFEBAG) * bags;
	ASN1_OBJECT *any_usage;
};

struct p12 *
p12_new(struct err *e)
{
	struct p12 *p = mem_new(1, sizeof *p);

	p->bags = sk_PKCS12_SAFEBAG_new_null();
	p->any_usage = OBJ_nid2obj(NID_anyExtendedKeyUsage);
	if (p->bags != NULL && p->any_usage != NULL)
		return p;
	ossl_fail(e, ERR_CRYPTO, "cannot make a PKCS#12 file");
	p12_free(p);
	return NULL;
}

/* A bag around DER: X509 objects, each with its key decoded, would take most of the time of a large
 * file. */
static PKCS12_SAFEBAG *
bag_of(const unsigned char *der, long n)
{
	const unsigned char *p = der;
	ASN1_TYPE *any = d2i_ASN1_TYPE(NULL, &p, n);
	PKCS12_SAFEBAG *bag = NULL;

	if (any != NULL && p == der + n)
		bag = PKCS12_item_pack_safebag(
		    any, ASN1_ITEM_rptr(ASN1_ANY), NID_x509Certificate, NID_certBag);
	ASN1_TYPE_free(any);
	return bag;
}

static PKCS12_SAFEBAG *
read_bag(struct span pem, struct err *e)
{
	BIO *bio = ossl_bio(pem, e);
	char *label = NULL, *header = NULL;
	unsigned char *der = NULL;
	PKCS12_SAFEBAG *bag = NULL;
	long n;

	if (bio == NULL)
		return NULL;
	if (PEM_read_bio(bio, &label, &header, &der, &n) == 1 &&
	    strcmp(label, PEM_STRING_X509) == 0)
		bag = bag_of(der, n);
	if (bag == NULL)
		ossl_fail(e, ERR_MALFORMED, "is not a PEM certificate");
	OPENSSL_free(label);
	OPENSSL_free(header);
	OPENSSL_free(der);
	BIO_free(bio);
	return bag;
}

bool
p12_add(struct p12 *p, struct span pem, const char *name, struct err *e)
{
	PKCS12_SAFEBAG *bag = read_bag(pem, e);

	if (bag == NULL)
		return err_in(e, "%s", name);
	if (PKCS12_add_friendlyname_utf8(bag, name, -1) == 1 &&
	    PKCS12_add1_attr_by_txt(
		bag, JAVA_TRUSTED, V_ASN1_OBJECT, (const unsigned char *)p->any_usage, -1) == 1 &&
	    sk_PKCS12_SAFEBAG_push(p->bags, bag) > 0)
		return true;
	PKCS12_SAFEBAG_free(bag);
	return ossl_fail(e, ERR_CRYPTO, "%s cannot be put into a PKCS#12 file", name);
}

static bool
encode(PKCS12 *whole, struct bytes *out, struct err *e)
{
	unsigned char *der = NULL;
	int n = i2d_PKCS12(whole, &der);

	if (n <= 0)
		return ossl_fail(e, ERR_CRYPTO, "cannot write the PKCS#12 file");
	*out = bytes_copy(span_of(der, (size_t)n));
	OPENSSL_free(der);
	return true;
}

bool
p12_write(const struct p12 *p, struct span passphrase, struct bytes *out, struct err *e)
{
	char *pass = mem_text(passphrase.p, passphrase.n);
	const int cipher = passphrase.n > 0 ? NID_aes_256_cbc : -1; /* -1: none */
	STACK_OF(PKCS7) *safes = NULL;
	PKCS12 *whole = NULL;
	bool ok = PKCS12_add_safe(&safes, p->bags, cipher, ITERATIONS, pass) == 1 &&
		  (whole = PKCS12_add_safes(safes, 0)) != NULL &&
		  PKCS12_set_mac(whole, pass, -1, NULL, 0, ITERATIONS, EVP_sha256()) == 1;

	ok = ok ? encode(whole, out, e) : ossl_fail(e, ERR_CRYPTO, "cannot make a PKCS#12 file");
	PKCS12_free(whole);
	sk_PKCS7_pop_free(safes, PKCS7_free);
	mem_wipe_free(pass, passphrase.n);
	return ok;
}

void
p12_free(struct p12 *p)
{
	if (p == NULL)
		return;
	sk_PKCS12_SAFEBAG_pop_free(p->bags, PKCS12_SAFEBAG_free);
	ASN1_OBJECT_free(p->any_usage);
	free(p);
}
