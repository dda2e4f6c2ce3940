/*
 * keymsg: what core asks of a keeper, the signature of this key on this whole file, and its answer.
 * Typed, length-checked, leftovers refused. Spans of a parsed message are loans.
 */
#ifndef WIRE_KEYMSG_H
#define WIRE_KEYMSG_H

#include "base/err.h"
#include "base/rd.h"
#include "base/wr.h"

#define KEYMSG_KEY_ID 32
#define KEYMSG_INLINE_MAX \
	(128 * 1024) /* a file up to this size travels in the message; a larger one as a \
			descriptor */
#define KEYMSG_MAX           (KEYMSG_INLINE_MAX + 1024)
#define KEYMSG_SIGNATURE_MAX 512 /* bytes: RSA-4096 */

/* CHAN_SIGN: a file with room for its signature. */
struct key_sign {
	uint32_t id;        /* echoed in the answer */
	struct span key_id; /* KEYMSG_KEY_ID bytes */
	struct span file;   /* when it travels inline */
	bool has_file;      /* it is the descriptor that came along */
	uint64_t file_size; /* its size then */
};

/* CHAN_SIGNED: the signature, or why not. */
struct key_signed {
	uint32_t id;
	enum err_code code; /* ERR_NONE: signed */
	struct span text;   /* the reason, one line */
	struct span signature;
};

/* Errors: ERR_MALFORMED, ERR_LIMIT. */
must_use bool key_sign_encode(const struct key_sign *s, struct wr *out, struct err *e);
must_use bool key_sign_parse(struct span in, struct key_sign *out, struct err *e);
must_use bool key_signed_encode(const struct key_signed *s, struct wr *out, struct err *e);
must_use bool key_signed_parse(struct span in, struct key_signed *out, struct err *e);

#endif
