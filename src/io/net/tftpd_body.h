/*
 * tftpd_body: the file of one transfer, out of an answer: a copy of what came inline, or a mapping
 * of the sealed memory file that came along.
 */
#ifndef NET_TFTPD_BODY_H
#define NET_TFTPD_BODY_H

#include "wire/ask.h"

struct tftpd_body {
	uint8_t *p;
	size_t n;
	bool mapped;
};

/* fd stays the caller's. Errors: ERR_IO, ERR_REFUSED (the descriptor may shrink under us, or is not
 * as long as the answer says). */
must_use bool tftpd_body_take(struct tftpd_body *b, const struct answer *a, int fd, struct err *e);

/* Frees or unmaps, and empties. */
void tftpd_body_free(struct tftpd_body *b);

#endif
