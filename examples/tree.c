/*
 * tree - list a directory tree that another process reads.
 *
 *	tree serve [--once] --listen ADDRESS DIR	answer whoever dials (--once: the first, and end)
 *	tree list [-0] [--save FILE] ADDRESS	print a line for everything in DIR (-0: end it with NUL)
 *	tree show FILE				a saved message, byte by byte
 *	tree damage FILE			the same message with a byte changed on the way
 *
 * Between the two is a link, over any ADDRESS that lwlink/loop.h knows, and on it commands of
 * schemas/vfs.lwl: attach, lookup, opendir, readdir with attributes, readlink.  The server hosts an end
 * point for everything that the lister has in hand.  The lister has hundreds of commands on their way.
 * At the end both say what they counted, and whether everything that was given out has come back.
 */
#define _GNU_SOURCE
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include <lwlink/loop.h>

#include "vfs.link.h"

enum {
	MESSAGE_BYTES = 65536,
	/* Commands of the lister that are on their way; FEW while it holds more end points than ENOUGH. */
	MANY = 256,
	FEW = 32,
	ENOUGH = 256
};

static const char service[] = "tree";

static void die(const char *what)
{
	fprintf(stderr, "tree: %s: %s\n", what, strerror(errno));
	exit(1);
}

static void *allocate(size_t size)
{
	void *p = calloc(1, size);

	if (p == NULL)
		die("memory");
	return p;
}

/* ---- the serving side ---- */

struct server {
	int root;
	bool once, failed;
	struct lwl_listener *listener;
};

/* One link: it outlives its end points. */
struct session {
	struct server *server;
	struct lwl_link *link;
	struct lwl_export export;
	unsigned long given, alive, most;	/* nodes and directories */
	unsigned long left;		/* references that had not come back when the lister was done */
	bool done;
};

struct node {
	struct session *session;
	int fd;				/* the file itself, whatever its name is by now */
};

struct directory {
	struct session *session;
	DIR *dir;
	uint64_t at;			/* the cookie of the entry that was read last */
};

static void closed(struct session *s, void *self)
{
	s->alive--;
	free(self);
}

static void node_closed(void *self)
{
	struct node *node = self;

	close(node->fd);
	closed(node->session, node);
}

static void directory_closed(void *self)
{
	struct directory *d = self;

	closedir(d->dir);
	closed(d->session, d);
}

/* `self` is freed by `closing`, whatever the result. */
static int host(struct session *s, const struct lwl_interface *interface, const void *ops, void *self,
		lwl_closed_fn *closing, uint64_t *id)
{
	int status = lwl_link_host(s->link, interface, ops, self, closing, id);

	s->given++;
	s->alive++;
	if (s->alive > s->most)
		s->most = s->alive;
	if (status != 0)
		closing(self);
	return status;
}

static uint16_t type_of(mode_t mode)
{
	switch (mode & S_IFMT) {
	case S_IFREG: return VFS_FILE_TYPE_REGULAR;
	case S_IFDIR: return VFS_FILE_TYPE_DIRECTORY;
	case S_IFLNK: return VFS_FILE_TYPE_SYMLINK;
	case S_IFCHR: return VFS_FILE_TYPE_CHARACTER;
	case S_IFBLK: return VFS_FILE_TYPE_BLOCK;
	case S_IFIFO: return VFS_FILE_TYPE_FIFO;
	case S_IFSOCK: return VFS_FILE_TYPE_SOCKET;
	default: return VFS_FILE_TYPE_UNKNOWN;
	}
}

static struct vfs_attr attr_of(const struct stat *st)
{
	struct vfs_attr attr = { 0 };

	attr.stat.ino = st->st_ino;
	attr.stat.device = st->st_dev;
	attr.stat.size = (uint64_t)st->st_size;
	attr.stat.blocks = (uint64_t)st->st_blocks;
	attr.stat.atime = st->st_atim.tv_sec;
	attr.stat.mtime = st->st_mtim.tv_sec;
	attr.stat.ctime = st->st_ctim.tv_sec;
	attr.stat.atime_nsec = (uint32_t)st->st_atim.tv_nsec;
	attr.stat.mtime_nsec = (uint32_t)st->st_mtim.tv_nsec;
	attr.stat.ctime_nsec = (uint32_t)st->st_ctim.tv_nsec;
	attr.stat.nlink = (uint32_t)st->st_nlink;
	attr.stat.uid = st->st_uid;
	attr.stat.gid = st->st_gid;
	attr.stat.blksize = (uint32_t)st->st_blksize;
	attr.stat.rdev.major_ = major(st->st_rdev);
	attr.stat.rdev.minor_ = minor(st->st_rdev);
	attr.stat.type = type_of(st->st_mode);
	attr.stat.mode = (uint16_t)(st->st_mode & 07777);
	return attr;
}

static const struct vfs_node_ops node_ops;
static const struct vfs_directory_ops directory_ops;

/* A new end point for what `name` is in the directory `at`. */
static int host_node(struct session *s, int at, const char *name, struct vfs_node *out, struct vfs_attr *attr)
{
	int fd = openat(at, name, O_PATH | O_NOFOLLOW | O_CLOEXEC);
	struct node *node;
	struct stat st;

	if (fd < 0)
		return -lwl_error_from_errno(errno);
	node = allocate(sizeof *node);
	node->session = s;
	node->fd = fd;
	memset(&st, 0, sizeof st);
	fstat(fd, &st);			/* of what is open: it does not fail */
	*attr = attr_of(&st);
	return host(s, &vfs_node_interface, &node_ops, node, node_closed, &out->id);
}

static void attach(void *self, struct lwl_call *call, const struct vfs_filesystem_attach_req *req)
{
	static const uint8_t volume[16] = "tree";
	struct session *s = self;
	struct vfs_filesystem_attach_rsp rsp = { .read_only = true };
	int status = host_node(s, s->server->root, ".", &rsp.root, &rsp.attr);

	if (status != 0) {
		lwl_call_fail(call, -status, NULL);
		return;
	}
	rsp.volume = rsp.instance = lwl_seq_of(volume, sizeof volume);
	/* What was not sent does not come back by itself. */
	if (vfs_filesystem_attach_reply(call, &rsp) != 0)
		lwl_link_revoke(s->link, rsp.root.id);
	(void)req;
}

/* The lister's last command: by now all that was given to it has come back, or is counted as left. */
static void detach(void *self, struct lwl_call *call, const struct vfs_filesystem_detach_req *req)
{
	struct session *s = self;
	struct lwl_link_stats stats;

	lwl_link_stats(s->link, &stats);
	s->left = stats.hosted_references - lwl_link_references(s->link, lwl_call_linkid(call));
	s->done = true;
	vfs_filesystem_detach_reply(call, &(struct vfs_filesystem_detach_rsp){ 0 });
	(void)req;
}

/* What leads nowhere but into this directory. */
static bool is_name(struct lwl_bytes name)
{
	return memchr(name.data, '/', name.len) == NULL && memchr(name.data, '\0', name.len) == NULL &&
	       !(name.data[0] == '.' && (name.len == 1 || (name.len == 2 && name.data[1] == '.')));
}

static void lookup(void *self, struct lwl_call *call, const struct vfs_node_lookup_req *req)
{
	struct node *node = self;
	struct vfs_node_lookup_rsp rsp = { 0 };
	char name[VFS_NAME_MAX + 1] = "";
	int status = -LWL_EINVAL;

	memcpy(name, req->name.data, req->name.len);
	if (is_name(req->name))
		status = host_node(node->session, node->fd, name, &rsp.node, &rsp.attr);
	if (status != 0)
		lwl_call_fail(call, -status, NULL);
	else if (vfs_node_lookup_reply(call, &rsp) != 0)
		lwl_link_revoke(node->session->link, rsp.node.id);
}

static void readlink_(void *self, struct lwl_call *call, const struct vfs_node_readlink_req *req)
{
	struct node *node = self;
	char target[VFS_SYMLINK_MAX + 1];
	ssize_t len = readlinkat(node->fd, "", target, sizeof target);
	struct vfs_node_readlink_rsp rsp = { .target = { (uint8_t *)target, (uint32_t)len } };

	if (len < 0)
		lwl_call_fail(call, lwl_error_from_errno(errno), NULL);
	else
		vfs_node_readlink_reply(call, &rsp);
	(void)req;
}

static void opendir_(void *self, struct lwl_call *call, const struct vfs_node_opendir_req *req)
{
	struct node *node = self;
	int fd = openat(node->fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC), status;
	DIR *dir = fd >= 0 ? fdopendir(fd) : NULL;
	struct vfs_node_opendir_rsp rsp;
	struct directory *d;

	if (dir == NULL) {
		lwl_call_fail(call, lwl_error_from_errno(errno), NULL);
		if (fd >= 0)
			close(fd);
		return;
	}
	d = allocate(sizeof *d);
	d->session = node->session;
	d->dir = dir;
	status = host(d->session, &vfs_directory_interface, &directory_ops, d, directory_closed,
		      &rsp.directory.id);
	if (status != 0)
		lwl_call_fail(call, -status, NULL);
	else if (vfs_node_opendir_reply(call, &rsp) != 0)
		lwl_link_revoke(node->session->link, rsp.directory.id);
	(void)req;
}

static void seek(struct directory *d, uint64_t cookie)
{
	if (cookie == d->at)
		return;
	if (cookie == 0)
		rewinddir(d->dir);
	else
		seekdir(d->dir, (long)cookie);
	d->at = cookie;
}

/* As many entries as surely fit. */
static void readdir_(void *self, struct lwl_call *call, const struct vfs_directory_readdir_req *req)
{
	static struct vfs_entry entries[VFS_ENTRIES_MAX];
	static char names[VFS_ENTRIES_MAX][VFS_NAME_MAX + 1];
	enum { ENTRY_BYTES = 256 };	/* at most, without the name */
	struct directory *d = self;
	struct vfs_directory_readdir_rsp rsp = { 0 };
	uint32_t bytes = 0, count = 0, most = VFS_ENTRIES_MAX;
	const struct dirent *got;

	if (req->count != 0 && req->count < most)
		most = req->count;
	seek(d, req->cookie);
	while (count < most && bytes + ENTRY_BYTES + VFS_NAME_MAX <= VFS_ENTRIES_BYTES) {
		struct vfs_entry *e = &entries[count];
		struct stat st;

		got = readdir(d->dir);
		rsp.end = got == NULL;
		if (rsp.end)
			break;
		d->at = (uint64_t)telldir(d->dir);
		if (strcmp(got->d_name, ".") == 0 || strcmp(got->d_name, "..") == 0)
			continue;
		memset(e, 0, sizeof *e);
		strcpy(names[count], got->d_name);
		e->name = lwl_bytes_of(names[count], strlen(names[count]));
		e->cookie = d->at;
		e->has_attr = fstatat(dirfd(d->dir), got->d_name, &st, AT_SYMLINK_NOFOLLOW) == 0;
		if (e->has_attr)
			e->attr = attr_of(&st);
		bytes += ENTRY_BYTES + e->name.len;
		count++;
	}
	rsp.entries = lwl_seq_of(entries, count);
	vfs_directory_readdir_reply(call, &rsp);
}

static const struct vfs_filesystem_ops filesystem_ops = { .attach = attach, .detach = detach };
static const struct vfs_node_ops node_ops = { .lookup = lookup, .readlink = readlink_, .opendir = opendir_ };
static const struct vfs_directory_ops directory_ops = { .readdir = readdir_ };

/* Somebody dials: what he gets is his own. */
static int accept_session(void *ctx, struct lwl_link_config *config)
{
	struct session *s = allocate(sizeof *s);

	s->server = ctx;
	s->export = (struct lwl_export){ service, &vfs_filesystem_interface, &filesystem_ops, s, NULL, 0 };
	config->exports = &s->export;
	config->export_count = 1;
	config->ctx = s;
	return 0;
}

static void session_up(void *ctx, struct lwl_link *link)
{
	struct session *s = ctx;

	s->link = link;
	if (s->server->once)
		lwl_listener_close(s->server->listener);
}

static void session_ended(void *ctx, struct lwl_link *link, int status, const char *reason)
{
	struct session *s = ctx;

	fprintf(stderr, "tree: served: %lu references given out, %lu of them left; at most %lu at a time\n",
		s->given, s->left, s->most);
	if (status != 0 || !s->done)
		fprintf(stderr, "tree: the lister did not come to its end: %s\n", reason);
	/* Each end point was closed before this, in any case. */
	if (status != 0 || !s->done || s->left != 0 || s->alive != 0)
		s->server->failed = true;
	free(s);
	(void)link;
}

static int serve(const char *address, const char *path, bool once)
{
	static const struct lwl_link_events events = { .up = session_up, .ended = session_ended };
	const struct lwl_link_config config = { .events = &events };
	struct server server = { .root = open(path, O_PATH | O_DIRECTORY | O_CLOEXEC), .once = once };
	struct lwl_loop *loop;
	struct rlimit files;
	char error[256];

	if (server.root < 0)
		die(path);
	/* A node is a descriptor. */
	if (getrlimit(RLIMIT_NOFILE, &files) == 0) {
		files.rlim_cur = files.rlim_max;
		setrlimit(RLIMIT_NOFILE, &files);
	}
	if (lwl_loop_new(&loop, NULL) != 0)
		die("loop");
	if (lwl_loop_listen(loop, &server.listener, address, &config, accept_session, &server, error,
			    sizeof error) != 0) {
		fprintf(stderr, "tree: %s\n", error);
		return 1;
	}
	fprintf(stderr, "tree: listening on %s\n", lwl_listener_address(server.listener));
	lwl_loop_run(loop);
	lwl_loop_free(loop);
	close(server.root);
	return server.failed;
}

/* ---- the listing side ---- */

struct lister {
	struct lwl_link *link;
	int end;			/* of a line */
	const char *save;		/* keep the first answer of readdir here */
	struct task *ready;		/* a stack: what is begun is finished before more is begun */
	unsigned running, most;		/* commands that are on their way */
	unsigned held;			/* end points */
	unsigned long commands, entries, got;
	bool over, failed;
};

/* A directory, for as long as it is read and something in it is still to be looked up. */
struct place {
	struct vfs_node node;		/* kept */
	unsigned users;
};

/* A file that is being listed: each step is a command, and its answer says which one is the next. */
struct task {
	struct task *next;
	struct lister *lister;
	int (*step)(struct task *t);
	struct place *in;		/* where `name` is looked up */
	char *path;
	const char *name;		/* the last part of it */
	struct vfs_stat stat;
	struct vfs_node node;		/* kept, as the next is; 0: none */
	struct vfs_directory directory;
	struct place *place;		/* instead of `node`, when it has become one */
	uint64_t cookie;
	uint32_t msgid;
};

static void keep(struct lister *l, uint64_t id)
{
	lwl_link_keep(l->link, id);
	l->got++;
	l->held++;
}

static void drop(struct lister *l, uint64_t id)
{
	if (id == 0)
		return;
	lwl_link_drop(l->link, id);
	l->held--;
}

static void leave(struct lister *l, struct place *p)
{
	if (p == NULL || --p->users > 0)
		return;
	drop(l, p->node.id);
	free(p);
}

static void finish(struct task *t)
{
	struct lister *l = t->lister;

	leave(l, t->in);
	leave(l, t->place);
	drop(l, t->directory.id);
	drop(l, t->node.id);
	free(t->path);
	free(t);
}

static void push(struct task *t, int (*step)(struct task *t))
{
	t->step = step;
	t->next = t->lister->ready;
	t->lister->ready = t;
}

/* What has gone meanwhile, or is not for our eyes, is left out, as find does. */
static void complain(struct task *t, int status)
{
	struct lister *l = t->lister;

	if (status != -LWL_ENOENT && status != -LWL_EACCES)
		l->failed = true;
	/* Of the end of the session one hears anyway. */
	if (status != -LWL_ENOTRUN && status != -LWL_EFATE)
		fprintf(stderr, "tree: %s: %s\n", t->path, lwl_strerror(status));
	finish(t);
}

/* As find prints it with '%y %m %s %n %i %T@ %P' and, for symbolic links, ' -> %l'. */
static void print_entry(const struct vfs_stat *st, const char *path)
{
	static const char letters[] = "Ufdlcbps";

	printf("%c %o %" PRIu64 " %" PRIu32 " %" PRIu64 " %" PRId64 ".%09" PRIu32 "0 %s",
	       st->type < sizeof letters - 1 ? letters[st->type] : '?', (unsigned)st->mode, st->size,
	       st->nlink, st->ino, st->mtime, st->mtime_nsec, path);
}

static void have_readlink(void *ctx, int status, const struct vfs_node_readlink_rsp *rsp,
			  struct lwl_reply *reply)
{
	struct task *t = ctx;

	t->lister->running--;
	(void)reply;
	if (status != 0) {
		complain(t, status);
		return;
	}
	print_entry(&t->stat, t->path);
	printf(" -> %.*s%c", (int)rsp->target.len, (const char *)rsp->target.data, t->lister->end);
	finish(t);
}

static int do_readlink(struct task *t)
{
	return vfs_node_readlink(t->lister->link, t->node, &(struct vfs_node_readlink_req){ 0 },
				 have_readlink, t);
}

static int do_opendir(struct task *t);

static void have_lookup(void *ctx, int status, const struct vfs_node_lookup_rsp *rsp, struct lwl_reply *reply)
{
	struct task *t = ctx;

	t->lister->running--;
	(void)reply;
	if (status != 0) {
		complain(t, status);
		return;
	}
	t->node = rsp->node;
	keep(t->lister, t->node.id);
	leave(t->lister, t->in);
	t->in = NULL;
	push(t, t->stat.type == VFS_FILE_TYPE_SYMLINK ? do_readlink : do_opendir);
}

static int do_lookup(struct task *t)
{
	struct vfs_node_lookup_req req = { .name = lwl_bytes_of(t->name, strlen(t->name)) };

	return vfs_node_lookup(t->lister->link, t->in->node, &req, have_lookup, t);
}

static void list_entry(struct task *parent, const struct vfs_entry *e)
{
	struct lister *l = parent->lister;
	size_t length = strlen(parent->path), size = length + e->name.len + 2;
	struct task *t = allocate(sizeof *t);

	t->lister = l;
	t->path = allocate(size);
	snprintf(t->path, size, "%s%s%.*s", parent->path, length > 0 ? "/" : "", (int)e->name.len,
		 (const char *)e->name.data);
	t->name = t->path + (length > 0 ? length + 1 : 0);
	t->stat = e->attr.stat;
	l->entries++;
	if (!e->has_attr) {
		complain(t, -LWL_ENOENT);
		return;
	}
	if (t->stat.type != VFS_FILE_TYPE_SYMLINK) {
		print_entry(&t->stat, t->path);
		putchar(l->end);
	}
	if (t->stat.type != VFS_FILE_TYPE_SYMLINK && t->stat.type != VFS_FILE_TYPE_DIRECTORY) {
		finish(t);
		return;
	}
	t->in = parent->place;
	t->in->users++;
	push(t, do_lookup);
}

/* The message that this was decoded from, made again. */
static void save_answer(struct task *t, const struct vfs_directory_readdir_rsp *rsp)
{
	static uint8_t msg[MESSAGE_BYTES];
	struct lister *l = t->lister;
	struct lwl_writer w;
	FILE *f = fopen(l->save, "wb");

	lwl_writer_init(&w, msg, sizeof msg, t->directory.id, t->msgid);
	if (vfs_directory_readdir_rsp_encode(&w, rsp) != 0 || f == NULL ||
	    fwrite(msg, lwl_writer_size(&w), 1, f) != 1 || fclose(f) != 0)
		die(l->save);
	l->save = NULL;
}

static int do_readdir(struct task *t);

static void have_readdir(void *ctx, int status, const struct vfs_directory_readdir_rsp *rsp,
			 struct lwl_reply *reply)
{
	struct task *t = ctx;
	struct lwl_cursor cursor;
	struct vfs_entry e;

	t->lister->running--;
	(void)reply;
	if (status != 0) {
		complain(t, status);
		return;
	}
	if (t->lister->save != NULL)
		save_answer(t, rsp);
	/* Those that are listed here come before the rest of the directory. */
	if (!rsp->end)
		push(t, do_readdir);
	cursor = lwl_cursor_of(rsp->entries);
	while (vfs_entry_next(&cursor, &e)) {
		list_entry(t, &e);
		t->cookie = e.cookie;
	}
	if (rsp->end)
		finish(t);
}

static int do_readdir(struct task *t)
{
	struct vfs_directory_readdir_req req = { .flags = VFS_LIST_FLAGS_ATTR, .cookie = t->cookie };

	return vfs_directory_readdir(t->lister->link, t->directory, &req, have_readdir, t);
}

static void have_opendir(void *ctx, int status, const struct vfs_node_opendir_rsp *rsp,
			 struct lwl_reply *reply)
{
	struct task *t = ctx;

	t->lister->running--;
	(void)reply;
	if (status != 0) {
		complain(t, status);
		return;
	}
	t->directory = rsp->directory;
	keep(t->lister, t->directory.id);
	t->place = allocate(sizeof *t->place);
	t->place->node = t->node;
	t->place->users = 1;
	t->node.id = 0;
	push(t, do_readdir);
}

static int do_opendir(struct task *t)
{
	return vfs_node_opendir(t->lister->link, t->node, &(struct vfs_node_opendir_req){ 0 },
				have_opendir, t);
}

/* Start what there is to be done, as far as there is room. */
static void start(struct lister *l)
{
	while (l->ready != NULL && l->running < (l->held > ENOUGH ? FEW : MANY)) {
		struct task *t = l->ready;
		int status;

		l->ready = t->next;
		status = t->step(t);
		if (status == -LWL_ECALLS) {
			push(t, t->step);
			return;
		}
		if (status != 0) {
			complain(t, status);
			continue;
		}
		t->msgid = lwl_call_last(l->link);
		l->commands++;
		l->running++;
		if (l->running > l->most)
			l->most = l->running;
	}
}

static void ended(void *ctx, struct lwl_link *link, int status, const char *reason)
{
	struct lister *l = ctx;

	if (status != 0) {
		fprintf(stderr, "tree: %s\n", reason);
		l->failed = true;
	}
	l->over = true;
	(void)link;
}

/* Steps that wait for their answers, as there is nothing else to do. */
static int attach_wait(struct lister *l, struct vfs_filesystem *fs, struct vfs_node *root)
{
	struct vfs_filesystem_attach_rsp rsp;
	uint8_t buf[VFS_FILESYSTEM_ATTACH_RSP_MAX];
	int status = lwl_link_open_wait(l->link, service, &vfs_filesystem_interface, &fs->id);

	if (status == 0)
		status = vfs_filesystem_attach_wait(l->link, *fs, &(struct vfs_filesystem_attach_req){ 0 },
						    &rsp, buf, sizeof buf, NULL);
	if (status == 0)
		*root = rsp.root;	/* kept already */
	return status;
}

static int detach_wait(struct lister *l, struct vfs_filesystem fs)
{
	struct vfs_filesystem_detach_rsp rsp;
	uint8_t buf[VFS_FILESYSTEM_DETACH_RSP_MAX];

	return vfs_filesystem_detach_wait(l->link, fs, &(struct vfs_filesystem_detach_req){ 0 }, &rsp, buf,
					  sizeof buf, NULL);
}

static int list(const char *address, int end, const char *save)
{
	static const struct lwl_link_events events = { .ended = ended };
	struct lister l = { .end = end, .save = save };
	const struct lwl_link_config config = { .events = &events, .ctx = &l };
	struct task *t = allocate(sizeof *t);
	struct vfs_filesystem fs;
	struct lwl_link_stats stats;
	struct lwl_loop *loop;
	char error[256];
	int status;

	if (lwl_loop_new(&loop, NULL) != 0)
		die("loop");
	if (lwl_loop_dial_wait(loop, &l.link, address, &config, error, sizeof error) != 0) {
		if (!l.over)		/* else `ended` has said it */
			fprintf(stderr, "tree: %s\n", error);
		return 1;
	}
	t->lister = &l;
	t->path = allocate(1);
	status = attach_wait(&l, &fs, &t->node);
	l.got++;
	push(t, do_opendir);
	while (status == 0 && !l.over && (l.ready != NULL || l.running > 0)) {
		start(&l);
		lwl_loop_turn(loop, true);
		if (ferror(stdout))
			die("standard output");
	}
	if (status == 0 && !l.over)
		status = detach_wait(&l, fs);
	if (status != 0 && !l.over)
		fprintf(stderr, "tree: %s: %s\n", address, lwl_strerror(status));
	if (status != 0 || l.over)
		return 1;
	drop(&l, fs.id);
	lwl_loop_turn(loop, false);	/* what is dropped goes out */
	lwl_link_stats(l.link, &stats);
	lwl_link_shutdown(l.link, 5000000);
	lwl_loop_run(loop);
	lwl_loop_free(loop);
	if (fflush(stdout) != 0)
		die("standard output");
	fprintf(stderr, "tree: listed: %lu entries by %lu commands, at most %u on their way at a time\n"
			"tree: listed: %lu references received, %lu of them left\n",
		l.entries, l.commands, l.most, l.got, (unsigned long)stats.held_references);
	return l.failed || stats.held_references != 0;
}

/* ---- one message, looked at ---- */

static void explain(const char *who, const struct lwl_error *err)
{
	char text[256];

	lwl_error_format(text, sizeof text, err);
	fprintf(stderr, "tree: %s: %s\n", who, text);
}

static size_t load(const char *path, uint8_t *msg)
{
	FILE *f = fopen(path, "rb");
	size_t size;

	if (f == NULL)
		die(path);
	size = fread(msg, 1, MESSAGE_BYTES, f);
	fclose(f);
	return size;
}

static void row(const uint8_t *msg, uint32_t at, const char *what, int depth)
{
	uint32_t i;

	printf("%6u  ", (unsigned)at);
	for (i = 0; i < 8; i++)
		printf("%02x ", msg[at + i]);
	printf(" %*s%s\n", 2 * depth, "", what);
}

/* The bytes of one item's payload that are in rows of their own. */
static void payload_rows(const uint8_t *msg, uint32_t at, uint32_t end, int depth)
{
	enum { SHOWN = 4 };
	uint32_t first = at;

	for (; at < end; at += 8) {
		if (at >= first + 8 * SHOWN && end - at > 8) {
			printf("        ... %u bytes more\n", (unsigned)(end - at));
			return;
		}
		row(msg, at, end - at < 8 ? "value, and padding to a multiple of 8" : "value", depth);
	}
}

/* By the two bits alone: this needs no schema. */
static void show_items(const uint8_t *msg, uint32_t at, uint32_t end, int depth, unsigned *left)
{
	while (at < end && *left > 0) {
		uint16_t id = lwl_load16(msg + at), length = lwl_load16(msg + at + 2);
		char what[80];

		(*left)--;
		snprintf(what, sizeof what, "item %u, %u bytes%s%s", id & LWL_ITEM_NUMBER, length,
			 id & LWL_ITEM_GROUP ? ", a group" : "", id & LWL_ITEM_LINKS ? ", with links" : "");
		row(msg, at, what, depth);
		if (id & LWL_ITEM_GROUP)
			show_items(msg, at + 8, at + length, depth + 1, left);
		else
			payload_rows(msg, at + 8, at + length, depth + 1);
		at += lwl_padded(length);
	}
}

static int show(const char *path)
{
	static uint8_t msg[MESSAGE_BYTES];
	size_t size = load(path, msg);
	struct lwl_header header;
	struct lwl_error err;
	unsigned left = 12;		/* items to show */
	char what[80];

	if (lwl_message_check(msg, size, &err) != 0) {
		explain(path, &err);
		return 1;
	}
	lwl_header_load(&header, msg);
	snprintf(what, sizeof what, "linkid: generation %u, index %u of the side that was dialled",
		 (unsigned)(header.linkid >> 32 & 0x7fffffff), (unsigned)header.linkid);
	row(msg, 0, what, 0);
	snprintf(what, sizeof what, "msgid %u, command 0x%04x%s, %u bytes", (unsigned)header.msgid,
		 header.command & ~LWL_RESPONSE, header.command & LWL_RESPONSE ? " (response)" : "",
		 header.length);
	row(msg, 8, what, 0);
	show_items(msg, LWL_HEADER_SIZE, header.length, 0, &left);
	if (left == 0)
		printf("        ... and more items\n");
	return 0;
}

/* Turn over one bit of the first entry's first attribute item, as a bad line might. */
static int damage(const char *path)
{
	static uint8_t msg[MESSAGE_BYTES];
	size_t size = load(path, msg);
	struct vfs_directory_readdir_rsp rsp;
	struct lwl_error err;
	char text[256];
	int status;

	if (size < LWL_HEADER_SIZE + 16 || vfs_directory_readdir_rsp_decode(&rsp, msg, size, &err) != 0) {
		fprintf(stderr, "tree: %s: not a saved answer of readdir with entries\n", path);
		return 1;
	}
	msg[LWL_HEADER_SIZE + 10] ^= 0x40;	/* the length of the first entry's name */
	printf("byte %d: 0x%02x -> 0x%02x\n", LWL_HEADER_SIZE + 10,
	       msg[LWL_HEADER_SIZE + 10] ^ 0x40, msg[LWL_HEADER_SIZE + 10]);
	row(msg, LWL_HEADER_SIZE + 8, "now", 0);
	status = vfs_directory_readdir_rsp_decode(&rsp, msg, size, &err);
	lwl_error_format(text, sizeof text, &err);
	printf("decoding says: %s (%d): %s\n", lwl_strerror(status), status, text);
	return status == -LWL_EMALFORMED ? 0 : 1;
}

int main(int argc, char **argv)
{
	const char *save = NULL, *address = NULL;
	bool once = false;
	int end = '\n', i;

	if (argc == 3 && strcmp(argv[1], "show") == 0)
		return show(argv[2]);
	if (argc == 3 && strcmp(argv[1], "damage") == 0)
		return damage(argv[2]);
	for (i = 2; i < argc - 1; i++) {
		if (strcmp(argv[i], "-0") == 0)
			end = '\0';
		else if (strcmp(argv[i], "--once") == 0)
			once = true;
		else if (strcmp(argv[i], "--save") == 0 && i + 1 < argc - 1)
			save = argv[++i];
		else if (strcmp(argv[i], "--listen") == 0 && i + 1 < argc - 1)
			address = argv[++i];
		else
			break;
	}
	if (i == argc - 1 && strcmp(argv[1], "list") == 0 && address == NULL)
		return list(argv[i], end, save);
	if (i == argc - 1 && strcmp(argv[1], "serve") == 0 && address != NULL)
		return serve(address, argv[i], once);
	fprintf(stderr, "usage: tree serve [--once] --listen ADDRESS DIR\n"
			"       tree list [-0] [--save FILE] ADDRESS\n"
			"       tree show FILE | damage FILE\n");
	return 2;
}
