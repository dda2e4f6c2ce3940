#include "pki/certusage.h"

#include "pki/ossl.h"

#include <openssl/err.h>
#include <openssl/objects.h>
#include <openssl/x509v3.h>

static enum certusage_signature
signature_of(X509 *x509)
{
	int digest, key, bits;
	uint32_t flags;

	if (X509_get_signature_info(x509, &digest, &key, &bits, &flags) != 1) {
		ERR_clear_error();
		return CERTUSAGE_OTHER;
	}
	if (digest == NID_md5 || digest == NID_sha1)
		return CERTUSAGE_WEAK;
	if (key != EVP_PKEY_RSA && key != EVP_PKEY_EC)
		return CERTUSAGE_OTHER;
	return digest == NID_sha256 || digest == NID_sha384 || digest == NID_sha512
		   ? CERTUSAGE_SHA2
		   : CERTUSAGE_OTHER;
}

struct certusage
certusage_of(const struct cert *c)
{
	X509 *x509 = cert_x509(c);
	const uint32_t usage = X509_get_key_usage(x509);
	const uint32_t extended = X509_get_extended_key_usage(x509);

	return (struct certusage){
		.digital_signature = (usage & KU_DIGITAL_SIGNATURE) != 0,
		.key_encipherment = (usage & KU_KEY_ENCIPHERMENT) != 0,
		.data_encipherment = (usage & KU_DATA_ENCIPHERMENT) != 0,
		.cert_sign = (usage & KU_KEY_CERT_SIGN) != 0,
		.server_auth = (extended & XKU_SSL_SERVER) != 0,
		.client_auth = (extended & XKU_SSL_CLIENT) != 0,
		.names_all = usage != UINT32_MAX && extended != UINT32_MAX,
		.is_ca = cert_is_ca(c),
		.path_length = X509_get_pathlen(x509),
		.signature = signature_of(x509),
	};
}
