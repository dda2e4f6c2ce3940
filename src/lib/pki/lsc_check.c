#include "pki/lsc_check.h"

#include "pki/ossl.h"

#include <openssl/x509v3.h>

static bool
key_usages_fit(const struct cert *c, struct err *e)
{
	uint32_t has = X509_get_key_usage(cert_x509(c)); /* all bits when it names none */

	if (!(has & KU_DIGITAL_SIGNATURE))
		return err_set(e, ERR_REFUSED, "its key usages lack digitalSignature");
	return !cert_is_rsa(c) || (has & KU_KEY_ENCIPHERMENT) ||
	       err_set(e, ERR_REFUSED, "its key usages lack keyEncipherment, which RSA needs");
}

bool
lsc_check(const struct cert *c, struct err *e)
{
	X509 *x509 = cert_x509(c);

	if (X509_check_ca(x509) != 0)
		return err_set(e, ERR_REFUSED, "it is a CA");
	if (!key_usages_fit(c, e))
		return false;
	return (X509_get_extended_key_usage(x509) & XKU_SSL_CLIENT) ||
	       err_set(e, ERR_REFUSED, "its extended key usages lack clientAuth");
}
