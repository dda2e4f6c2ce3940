#include "pki/signer.h"

bool
signer_make(
    struct signer *s, const struct signer_template *t, struct bytes *cert_der, struct err *e)
{
	return s->ops->make(s, t, cert_der, e);
}

bool
signer_keep(struct signer *s, enum purpose purpose, struct span key_pem, struct span cert_der,
    struct err *e)
{
	return s->ops->keep(s, purpose, key_pem, cert_der, e);
}

bool
signer_sign_list(
    struct signer *s, struct span key_id, struct span file, struct bytes *out, struct err *e)
{
	return s->ops->sign_list(s, key_id, file, out, e);
}

bool
signer_sign_file(
    struct signer *s, struct span key_id, struct span file, struct bytes *out, struct err *e)
{
	return s->ops->sign_file(s, key_id, file, out, e);
}

bool
signer_issue(struct signer *s, struct span key_id, struct span issuer_der,
    const struct signer_lsc *lsc, struct bytes *cert_der, struct err *e)
{
	return s->ops->issue(s, key_id, issuer_der, lsc, cert_der, e);
}

bool
signer_crl(struct signer *s, struct span key_id, struct span issuer_der,
    const struct signer_crl *crl, struct bytes *der, struct err *e)
{
	return s->ops->crl(s, key_id, issuer_der, crl, der, e);
}

bool
signer_ocsp(struct signer *s, struct span key_id, struct span issuer_der,
    const struct signer_ocsp *what, struct bytes *der, struct err *e)
{
	return s->ops->ocsp(s, key_id, issuer_der, what, der, e);
}

bool
signer_csr(
    struct signer *s, struct span key_id, struct span like_der, struct bytes *pem, struct err *e)
{
	return s->ops->csr(s, key_id, like_der, pem, e);
}

bool
signer_has(struct signer *s, struct span key_id, struct err *e)
{
	return s->ops->has(s, key_id, e);
}

bool
signer_remove(struct signer *s, struct span key_id, struct err *e)
{
	return s->ops->remove(s, key_id, e);
}

void
signer_close(struct signer *s)
{
	if (s != NULL)
		s->ops->close(s);
}
