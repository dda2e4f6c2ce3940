#include "pki/base64.h"

#include "base/mem.h"

#include <openssl/evp.h>

#include <assert.h>
#include <stdlib.h>
#include <string.h>

static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

char *
base64_text(struct span s)
{
	char *out;

	assert(s.n <= BASE64_INPUT_MAX);
	out = mem_new(s.n / 3 + 1, 5);
	if (s.n > 0)
		EVP_EncodeBlock((unsigned char *)out, s.p, (int)s.n);
	return out;
}

/* OpenSSL takes blanks and '-' around it, and '=' anywhere. */
static bool
is_whole(struct span text, size_t *padding)
{
	*padding = 0;
	while (*padding < 2 && *padding < text.n && text.p[text.n - 1 - *padding] == '=')
		(*padding)++;
	for (size_t i = 0; i < text.n - *padding; i++)
		if (text.p[i] == '\0' || strchr(alphabet, text.p[i]) == NULL)
			return false;
	return text.n % 4 == 0;
}

bool
base64_bytes(struct span text, struct bytes *out, struct err *e)
{
	size_t padding;
	uint8_t *p;
	int n;

	*out = (struct bytes){ 0 };
	if (text.n > BASE64_INPUT_MAX)
		return err_set(
		    e, ERR_LIMIT, "base64 of %zu characters, at most %d", text.n, BASE64_INPUT_MAX);
	if (!is_whole(text, &padding))
		return err_set(e, ERR_MALFORMED, "not base64");
	if (text.n == 0)
		return true;
	p = mem_new(text.n / 4, 3);
	n = EVP_DecodeBlock(p, text.p, (int)text.n);
	if (n < (int)padding) {
		free(p);
		return err_set(e, ERR_MALFORMED, "not base64");
	}
	*out = (struct bytes){ p, (size_t)n - padding };
	return true;
}
