/*
 * transfer: what the TFTP tests carry, and on which terms.
 */
#ifndef TESTS_UNIT_TALK_TRANSFER_H
#define TESTS_UNIT_TALK_TRANSFER_H

#include "../check.h"

#include "talk/tftp.h"

/* The server's terms. */
extern const struct tftp_policy transfer_policy;

/* A file in which neighbouring blocks differ. Freed with bytes_free. */
struct bytes transfer_body(size_t size);

/* A client's wish; an option that is 0 is not asked for. */
struct tftp_client_plan transfer_plan(uint16_t blksize, uint16_t windowsize, enum tftp_mode mode);

#endif
