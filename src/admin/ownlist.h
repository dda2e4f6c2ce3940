/*
 * ownlist: whether a trust list is one of this very cluster, where another cluster's is wanted.
 */
#ifndef ADMIN_OWNLIST_H
#define ADMIN_OWNLIST_H

#include "admin/command.h"

#include "wire/trustlist.h"

/*
 * A list, also an earlier one or a bridge, that names a TVS server of this cluster; where it names
 * none, that has its active CallManager certificate for the TFTP server; where it names nobody,
 * that its active keys signed. The signer of others says nothing: its key may have been taken over,
 * and both clusters' lists know the other's. Errors: ERR_REFUSED (it is ours), those of
 * client_call, ERR_MALFORMED.
 */
must_use bool ownlist_refuse(struct invocation *in, const struct trustlist *list, struct err *e);

#endif
