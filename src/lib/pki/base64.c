#include "pki/base64.h"

#include "base/mem.h"

#include <openssl/evp.h>

#include <assert.h>

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
