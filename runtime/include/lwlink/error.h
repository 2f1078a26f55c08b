/*
 * lwlink/error.h - the numbers that say why something failed.
 *
 * Functions of lwlink return 0 or a negative one of these: -LWL_ENOENT.  The same numbers, positive,
 * travel in the error item of a response (docs/protocol.md, "Error codes").
 *
 * 1..133 are errno values by Linux's generic numbers, whatever the host calls them: compare with
 * LWL_ENOENT, not with ENOENT, or translate with the two functions below.  From 4096 on they are the
 * protocol's own.
 */
#ifndef LWLINK_ERROR_H
#define LWLINK_ERROR_H

#ifdef __cplusplus
extern "C" {
#endif

/* X(name, number): the errno values that POSIX has. */
#define LWL_ERRNO_POSIX_LIST(X) \
	X(EPERM, 1) X(ENOENT, 2) X(ESRCH, 3) X(EINTR, 4) X(EIO, 5) X(ENXIO, 6) X(E2BIG, 7) \
	X(ENOEXEC, 8) X(EBADF, 9) X(ECHILD, 10) X(EAGAIN, 11) X(ENOMEM, 12) X(EACCES, 13) \
	X(EFAULT, 14) X(EBUSY, 16) X(EEXIST, 17) X(EXDEV, 18) X(ENODEV, 19) X(ENOTDIR, 20) \
	X(EISDIR, 21) X(EINVAL, 22) X(ENFILE, 23) X(EMFILE, 24) X(ENOTTY, 25) X(ETXTBSY, 26) \
	X(EFBIG, 27) X(ENOSPC, 28) X(ESPIPE, 29) X(EROFS, 30) X(EMLINK, 31) X(EPIPE, 32) \
	X(EDOM, 33) X(ERANGE, 34) X(EDEADLK, 35) X(ENAMETOOLONG, 36) X(ENOLCK, 37) \
	X(ENOSYS, 38) X(ENOTEMPTY, 39) X(ELOOP, 40) X(ENOMSG, 42) X(EIDRM, 43) X(ENOLINK, 67) \
	X(EPROTO, 71) X(EMULTIHOP, 72) X(EBADMSG, 74) X(EOVERFLOW, 75) X(EILSEQ, 84) \
	X(ENOTSOCK, 88) X(EDESTADDRREQ, 89) X(EMSGSIZE, 90) X(EPROTOTYPE, 91) \
	X(ENOPROTOOPT, 92) X(EPROTONOSUPPORT, 93) X(EOPNOTSUPP, 95) X(EAFNOSUPPORT, 97) \
	X(EADDRINUSE, 98) X(EADDRNOTAVAIL, 99) X(ENETDOWN, 100) X(ENETUNREACH, 101) \
	X(ENETRESET, 102) X(ECONNABORTED, 103) X(ECONNRESET, 104) X(ENOBUFS, 105) \
	X(EISCONN, 106) X(ENOTCONN, 107) X(ETIMEDOUT, 110) X(ECONNREFUSED, 111) \
	X(EHOSTUNREACH, 113) X(EALREADY, 114) X(EINPROGRESS, 115) X(ESTALE, 116) \
	X(EDQUOT, 122) X(ECANCELED, 125) X(EOWNERDEAD, 130) X(ENOTRECOVERABLE, 131)

/* X(name, number): those that only some systems have. */
#define LWL_ERRNO_OTHER_LIST(X) \
	X(ENOTBLK, 15) X(ECHRNG, 44) X(EL2NSYNC, 45) X(EL3HLT, 46) X(EL3RST, 47) X(ELNRNG, 48) \
	X(EUNATCH, 49) X(ENOCSI, 50) X(EL2HLT, 51) X(EBADE, 52) X(EBADR, 53) X(EXFULL, 54) \
	X(ENOANO, 55) X(EBADRQC, 56) X(EBADSLT, 57) X(EBFONT, 59) X(ENOSTR, 60) X(ENODATA, 61) \
	X(ETIME, 62) X(ENOSR, 63) X(ENONET, 64) X(ENOPKG, 65) X(EREMOTE, 66) X(EADV, 68) \
	X(ESRMNT, 69) X(ECOMM, 70) X(EDOTDOT, 73) X(ENOTUNIQ, 76) X(EBADFD, 77) X(EREMCHG, 78) \
	X(ELIBACC, 79) X(ELIBBAD, 80) X(ELIBSCN, 81) X(ELIBMAX, 82) X(ELIBEXEC, 83) \
	X(ERESTART, 85) X(ESTRPIPE, 86) X(EUSERS, 87) X(ESOCKTNOSUPPORT, 94) \
	X(EPFNOSUPPORT, 96) X(ESHUTDOWN, 108) X(ETOOMANYREFS, 109) X(EHOSTDOWN, 112) \
	X(EUCLEAN, 117) X(ENOTNAM, 118) X(ENAVAIL, 119) X(EISNAM, 120) X(EREMOTEIO, 121) \
	X(ENOMEDIUM, 123) X(EMEDIUMTYPE, 124) X(ENOKEY, 126) X(EKEYEXPIRED, 127) \
	X(EKEYREVOKED, 128) X(EKEYREJECTED, 129) X(ERFKILL, 132) X(EHWPOISON, 133)

/* X(name, number, text): the protocol's own. */
#define LWL_ERROR_LIST(X) \
	X(EUNKNOWN, 4096, "unknown command") \
	X(ENOENDPOINT, 4097, "no such end point") \
	X(EMALFORMED, 4098, "malformed message") \
	X(ENOTRUN, 4099, "not executed") \
	X(EFATE, 4100, "execution unknown") \
	X(ECANCELLED, 4101, "cancelled") \
	X(EDEADLINE, 4102, "deadline passed") \
	X(ECALLS, 4103, "too many calls") \
	X(EREFUSED, 4104, "refused") \
	X(ETOOLARGE, 4105, "too large") \
	X(EGONE, 4106, "end point gone") \
	X(EINTERFACE, 4107, "wrong interface")

enum lwl_errno {
#define LWL_ERRNO_ENTRY(name, number) LWL_##name = number,
	LWL_ERRNO_POSIX_LIST(LWL_ERRNO_ENTRY)
	LWL_ERRNO_OTHER_LIST(LWL_ERRNO_ENTRY)
#undef LWL_ERRNO_ENTRY
#define LWL_ERROR_ENTRY(name, number, text) LWL_##name = number,
	LWL_ERROR_LIST(LWL_ERROR_ENTRY)
#undef LWL_ERROR_ENTRY
	LWL_ERRNO_MAX = 133
};

/*
 * What an error number means, in a few words for people: "no such end point"; for an errno, what the
 * host's strerror says.  Takes the number with either sign.  Never NULL.
 */
const char *lwl_strerror(int error);

/* The name of an error number without its prefix, "ENOENT", or NULL if it has none.  Either sign. */
const char *lwl_error_name(int error);

/* The host's errno for a number of either sign; EIO for one that the host does not have. */
int lwl_error_to_errno(int error);

/* The number, positive, for an errno of this host; LWL_EIO for one that the protocol lacks. */
int lwl_error_from_errno(int host_errno);

#ifdef __cplusplus
}
#endif
#endif
