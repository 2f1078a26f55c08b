/*
 * tree - list a directory tree that another process reads.
 *
 *	tree list [-0] [--save FILE] DIR	print a line for everything in DIR (-0: end it with NUL)
 *	tree show FILE				a saved message, byte by byte
 *	tree damage FILE			the same message with a byte changed on the way
 *
 * `list` starts a second process and joins the two with pipes.  That one answers generated messages of
 * schemas/vfs.lwl: attach, lookup, opendir, readdir with attributes, readlink.  Between them is
 * nothing but messages of the protocol; each side checks and decodes what it gets.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/wait.h>
#include <unistd.h>

#include "vfs.lwl.h"

enum { MESSAGE_BYTES = 65536 };

/* End points of the serving side: bit 63, generation 1, and an index (docs/protocol.md). */
#define LINKID(index) (UINT64_C(1) << 63 | UINT64_C(1) << 32 | (index))
#define FILESYSTEM LINKID(0)

static void die(const char *what)
{
	fprintf(stderr, "tree: %s: %s\n", what, strerror(errno));
	exit(1);
}

static void *grow(void *array, size_t count, size_t size)
{
	/* Twice the room whenever the count reaches a power of two. */
	if ((count & (count - 1)) == 0)
		array = realloc(array, (count == 0 ? 1 : 2 * count) * size);
	if (array == NULL)
		die("memory");
	return array;
}

static char *join(const char *directory, const char *name, size_t length)
{
	size_t size = strlen(directory) + length + 2;
	char *path = malloc(size);

	if (path == NULL)
		die("memory");
	snprintf(path, size, "%s%s%.*s", directory, *directory != '\0' ? "/" : "", (int)length, name);
	return path;
}

/* ---- messages over a pipe ---- */

static void explain(const char *who, const struct lwl_error *err)
{
	char text[256];

	lwl_error_format(text, sizeof text, err);
	fprintf(stderr, "tree: %s: %s\n", who, text);
}

/* The next message, checked: its size with the padding, or 0 at the end. */
static size_t receive(FILE *from, uint8_t *msg)
{
	struct lwl_header header;
	struct lwl_error err;
	size_t size, got = fread(msg, 1, LWL_HEADER_SIZE, from);

	if (got == 0 && feof(from))
		return 0;
	if (got < LWL_HEADER_SIZE) {
		fprintf(stderr, "tree: the pipe ends inside a header\n");
		exit(1);
	}
	lwl_header_load(&header, msg);
	size = header.length < LWL_HEADER_SIZE ? LWL_HEADER_SIZE : lwl_padded(header.length);
	if (fread(msg + LWL_HEADER_SIZE, 1, size - LWL_HEADER_SIZE, from) < size - LWL_HEADER_SIZE) {
		fprintf(stderr, "tree: the pipe ends inside a message\n");
		exit(1);
	}
	if (lwl_message_check(msg, size, &err) != 0) {
		explain("a message", &err);
		exit(1);
	}
	return size;
}

static void transmit(FILE *to, const uint8_t *msg, const struct lwl_writer *w)
{
	size_t size = lwl_writer_size(w);

	if (w->status != 0) {
		fprintf(stderr, "tree: cannot encode: %s\n", lwl_strerror(w->status));
		exit(1);
	}
	if (fwrite(msg, 1, size, to) < size || fflush(to) != 0)
		die("the pipe");
}

/* ---- the serving side ---- */

struct server {
	const char *root;
	char **nodes;			/* paths below the root, by index - 1 */
	size_t node_count;
	DIR **directories;		/* by index - 1; NULL: at its end */
	size_t *directory_nodes;
	size_t directory_count;
	struct lwl_writer w;
	uint8_t in[MESSAGE_BYTES], out[MESSAGE_BYTES];
};

/* Nodes have odd indices, directories even ones from 2. */
static uint64_t add_node(struct server *s, char *path)
{
	s->nodes = grow(s->nodes, s->node_count, sizeof *s->nodes);
	s->nodes[s->node_count++] = path;
	return LINKID(2 * s->node_count - 1);
}

static const char *node_path(const struct server *s, uint64_t linkid)
{
	uint64_t index = linkid ^ LINKID(0);

	if (index % 2 == 0 || index / 2 >= s->node_count)
		return NULL;
	return s->nodes[index / 2];
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

/* The attributes of the thing called `name` in the directory `path`, both below the root. */
static int stat_below(const struct server *s, const char *path, const char *name, struct stat *st)
{
	char *below = join(s->root, path, strlen(path));
	char *whole = *name != '\0' ? join(below, name, strlen(name)) : strdup(below);
	int status = whole != NULL ? lstat(whole, st) : -1;

	free(below);
	free(whole);
	return status;
}

static int serve_attach(struct server *s)
{
	static const uint8_t volume[16] = "tree";
	struct vfs_filesystem_attach_req req;
	struct vfs_filesystem_attach_rsp rsp = { 0 };
	struct lwl_header header;
	struct stat st;

	lwl_header_load(&header, s->in);
	if (vfs_filesystem_attach_req_decode(&req, s->in, lwl_padded(header.length), NULL) != 0)
		return -LWL_EMALFORMED;
	if (stat_below(s, "", "", &st) != 0)
		return -lwl_error_from_errno(errno);
	rsp.root.id = add_node(s, strdup(""));
	rsp.attr = attr_of(&st);
	rsp.volume = lwl_seq_of(volume, 16);
	rsp.instance = rsp.volume;
	rsp.limits.has_read_max = rsp.limits.has_write_max = true;
	rsp.limits.read_max = rsp.limits.write_max = VFS_DATA_MAX;
	return vfs_filesystem_attach_rsp_encode(&s->w, &rsp);
}

static int serve_lookup(struct server *s, const char *path, size_t size)
{
	struct vfs_node_lookup_req req;
	struct vfs_node_lookup_rsp rsp = { 0 };
	char name[256];
	struct stat st;

	if (vfs_node_lookup_req_decode(&req, s->in, size, NULL) != 0)
		return -LWL_EMALFORMED;
	if (memchr(req.name.data, '/', req.name.len) != NULL ||
	    memchr(req.name.data, '\0', req.name.len) != NULL)
		return -LWL_EINVAL;
	snprintf(name, sizeof name, "%.*s", (int)req.name.len, (const char *)req.name.data);
	if (strcmp(name, ".") == 0 || strcmp(name, "..") == 0)
		return -LWL_EINVAL;
	if (stat_below(s, path, name, &st) != 0)
		return -lwl_error_from_errno(errno);
	rsp.node.id = add_node(s, join(path, name, strlen(name)));
	rsp.attr = attr_of(&st);
	return vfs_node_lookup_rsp_encode(&s->w, &rsp);
}

static int serve_readlink(struct server *s, const char *path, size_t size)
{
	struct vfs_node_readlink_req req;
	struct vfs_node_readlink_rsp rsp;
	char target[VFS_SYMLINK_MAX + 1];
	char *whole;
	ssize_t length;

	if (vfs_node_readlink_req_decode(&req, s->in, size, NULL) != 0)
		return -LWL_EMALFORMED;
	whole = join(s->root, path, strlen(path));
	length = readlink(whole, target, sizeof target);
	free(whole);
	if (length < 0)
		return -lwl_error_from_errno(errno);
	rsp.target = lwl_bytes_of(target, (size_t)length);
	return vfs_node_readlink_rsp_encode(&s->w, &rsp);
}

static int serve_opendir(struct server *s, size_t node, const char *path, size_t size)
{
	struct vfs_node_opendir_req req;
	struct vfs_node_opendir_rsp rsp;
	char *whole;
	DIR *directory;

	if (vfs_node_opendir_req_decode(&req, s->in, size, NULL) != 0)
		return -LWL_EMALFORMED;
	whole = join(s->root, path, strlen(path));
	directory = opendir(whole);
	free(whole);
	if (directory == NULL)
		return -lwl_error_from_errno(errno);
	s->directories = grow(s->directories, s->directory_count, sizeof *s->directories);
	s->directory_nodes = grow(s->directory_nodes, s->directory_count, sizeof *s->directory_nodes);
	s->directories[s->directory_count] = directory;
	s->directory_nodes[s->directory_count++] = node;
	rsp.directory.id = LINKID(2 * s->directory_count);
	return vfs_node_opendir_rsp_encode(&s->w, &rsp);
}

/*
 * As many entries as surely fit.  Cookies are the directory's own positions; the one request that is
 * outstanding goes on where the last one ended.
 */
static int serve_readdir(struct server *s, size_t index, size_t size)
{
	static struct vfs_entry entries[VFS_ENTRIES_MAX];
	static char names[VFS_ENTRIES_MAX][256];
	enum { ENTRY_BYTES = 256 };	/* at most, without the name */
	struct vfs_directory_readdir_req req;
	struct vfs_directory_readdir_rsp rsp = { 0 };
	const char *path = s->nodes[s->directory_nodes[index]];
	size_t count = 0, bytes = 0;
	struct dirent *d = NULL;

	if (vfs_directory_readdir_req_decode(&req, s->in, size, NULL) != 0)
		return -LWL_EMALFORMED;
	while (s->directories[index] != NULL && count < VFS_ENTRIES_MAX &&
	       bytes + ENTRY_BYTES + sizeof names[0] <= VFS_ENTRIES_BYTES) {
		struct vfs_entry *e = &entries[count];
		struct stat st;

		errno = 0;
		d = readdir(s->directories[index]);
		if (d == NULL) {
			closedir(s->directories[index]);
			s->directories[index] = NULL;
			break;
		}
		if (strcmp(d->d_name, ".") == 0 || strcmp(d->d_name, "..") == 0)
			continue;
		memset(e, 0, sizeof *e);
		snprintf(names[count], sizeof names[count], "%s", d->d_name);
		e->name = lwl_bytes_of(names[count], strlen(names[count]));
		e->cookie = (uint64_t)telldir(s->directories[index]);
		if (stat_below(s, path, d->d_name, &st) == 0) {
			e->has_attr = true;
			e->attr = attr_of(&st);
		}
		bytes += ENTRY_BYTES + e->name.len;
		count++;
	}
	rsp.entries = lwl_seq_of(entries, count);
	rsp.end = s->directories[index] == NULL;
	return vfs_directory_readdir_rsp_encode(&s->w, &rsp);
}

/* Answer one request: the end point says which table of commands, the command which entry. */
static int serve_one(struct server *s, const struct lwl_header *header, size_t size)
{
	uint64_t index = header->linkid ^ LINKID(0);
	const char *path = node_path(s, header->linkid);

	if (header->linkid == FILESYSTEM)
		return header->command == VFS_FILESYSTEM_ATTACH ? serve_attach(s) : -LWL_EUNKNOWN;
	if (path != NULL) {
		switch (header->command) {
		case VFS_NODE_LOOKUP: return serve_lookup(s, path, size);
		case VFS_NODE_READLINK: return serve_readlink(s, path, size);
		case VFS_NODE_OPENDIR: return serve_opendir(s, (size_t)index / 2, path, size);
		default: return -LWL_EUNKNOWN;
		}
	}
	if (index % 2 == 0 && index > 0 && index / 2 <= s->directory_count)
		return header->command == VFS_DIRECTORY_READDIR
			       ? serve_readdir(s, (size_t)index / 2 - 1, size) : -LWL_EUNKNOWN;
	return -LWL_ENOENDPOINT;
}

static int serve(const char *root)
{
	static struct server s;
	size_t size;

	s.root = root;
	while ((size = receive(stdin, s.in)) > 0) {
		struct lwl_header header;
		int status;

		lwl_header_load(&header, s.in);
		lwl_writer_init(&s.w, s.out, sizeof s.out, header.linkid, header.msgid);
		status = serve_one(&s, &header, size);
		if (status != 0) {
			lwl_writer_init(&s.w, s.out, sizeof s.out, header.linkid, header.msgid);
			lwl_error_encode(&s.w, header.command, -status, lwl_strerror(status));
		}
		transmit(stdout, s.out, &s.w);
	}
	return 0;
}

/* ---- the listing side ---- */

struct pending {			/* a directory that is still to be listed */
	struct vfs_node node;
	char *path;
	struct pending *next;
};

struct lister {
	FILE *to, *from;
	int end;			/* of a line */
	const char *save;		/* keep the first answer of readdir here */
	uint32_t msgid;
	struct pending *first, **last;
	struct lwl_writer w;
	uint8_t request[MESSAGE_BYTES], answer[MESSAGE_BYTES];
	size_t messages, entries, bytes;
};

static void begin(struct lister *l, uint64_t linkid)
{
	lwl_writer_init(&l->w, l->request, sizeof l->request, linkid, ++l->msgid);
}

/* Send the request and wait for its answer; returns the answer's size. */
static size_t call(struct lister *l)
{
	struct lwl_header asked, answered;
	size_t size;

	transmit(l->to, l->request, &l->w);
	size = receive(l->from, l->answer);
	if (size == 0) {
		fprintf(stderr, "tree: the other process has gone\n");
		exit(1);
	}
	lwl_header_load(&asked, l->request);
	lwl_header_load(&answered, l->answer);
	if (answered.linkid != asked.linkid || answered.msgid != asked.msgid) {
		fprintf(stderr, "tree: an answer to something else\n");
		exit(1);
	}
	l->messages += 2;
	l->bytes += lwl_writer_size(&l->w) + size;
	return size;
}

static void check_answer(int status, const char *what, const struct lwl_error *err)
{
	if (status == 0)
		return;
	if (err->bad != LWL_BAD_NONE)
		explain(what, err);
	else
		fprintf(stderr, "tree: %s: %s\n", what, lwl_strerror(status));
	exit(1);
}

static void save_answer(struct lister *l, size_t size)
{
	FILE *f = fopen(l->save, "wb");

	if (f == NULL || fwrite(l->answer, 1, size, f) < size || fclose(f) != 0)
		die(l->save);
	l->save = NULL;
}

static struct vfs_node lookup(struct lister *l, struct vfs_node directory, struct lwl_bytes name)
{
	struct vfs_node_lookup_rsp rsp;
	struct lwl_error err;

	begin(l, directory.id);
	vfs_node_lookup_req_encode(&l->w, &(struct vfs_node_lookup_req){ .name = name });
	check_answer(vfs_node_lookup_rsp_decode(&rsp, l->answer, call(l), &err), "lookup", &err);
	return rsp.node;
}

static void print_target(struct lister *l, struct vfs_node node)
{
	struct vfs_node_readlink_rsp rsp;
	struct lwl_error err;

	begin(l, node.id);
	vfs_node_readlink_req_encode(&l->w, &(struct vfs_node_readlink_req){ 0 });
	check_answer(vfs_node_readlink_rsp_decode(&rsp, l->answer, call(l), &err), "readlink", &err);
	printf(" -> ");
	fwrite(rsp.target.data, 1, rsp.target.len, stdout);
}

static void add_pending(struct lister *l, struct vfs_node node, char *path)
{
	struct pending *p = malloc(sizeof *p);

	if (p == NULL)
		die("memory");
	p->node = node;
	p->path = path;
	p->next = NULL;
	*l->last = p;
	l->last = &p->next;
}

/* As find prints it with '%y %m %s %n %i %T@ %P' and, for symbolic links, ' -> %l'. */
static void print_entry(const struct vfs_stat *st, const char *path)
{
	static const char letters[] = "Ufdlcbps";

	printf("%c %o %" PRIu64 " %" PRIu32 " %" PRIu64 " %" PRId64 ".%09" PRIu32 "0 %s",
	       st->type < sizeof letters - 1 ? letters[st->type] : '?', (unsigned)st->mode, st->size,
	       st->nlink, st->ino, st->mtime, st->mtime_nsec, path);
}

static void list_entry(struct lister *l, const struct pending *in, const struct vfs_entry *e)
{
	char *path = join(in->path, (const char *)e->name.data, e->name.len);
	struct vfs_node node = { 0 };

	l->entries++;
	if (!e->has_attr) {
		fprintf(stderr, "tree: %s: has gone\n", path);
		free(path);
		return;
	}
	if (e->attr.stat.type == VFS_FILE_TYPE_DIRECTORY ||
	    e->attr.stat.type == VFS_FILE_TYPE_SYMLINK)
		node = lookup(l, in->node, e->name);
	print_entry(&e->attr.stat, path);
	if (e->attr.stat.type == VFS_FILE_TYPE_SYMLINK)
		print_target(l, node);
	putchar(l->end);
	if (e->attr.stat.type == VFS_FILE_TYPE_DIRECTORY)
		add_pending(l, node, path);
	else
		free(path);
}

static void list_directory(struct lister *l, const struct pending *in)
{
	struct vfs_node_opendir_rsp opened;
	struct vfs_directory_readdir_req req = { .flags = VFS_LIST_FLAGS_ATTR };
	struct vfs_directory_readdir_rsp rsp;
	uint8_t *answer = malloc(MESSAGE_BYTES);
	struct lwl_error err;
	int status;

	if (answer == NULL)
		die("memory");
	begin(l, in->node.id);
	vfs_node_opendir_req_encode(&l->w, &(struct vfs_node_opendir_req){ 0 });
	status = vfs_node_opendir_rsp_decode(&opened, l->answer, call(l), &err);
	if (status == -LWL_EACCES) {
		fprintf(stderr, "tree: %s: %s\n", in->path, lwl_strerror(status));
		free(answer);
		return;
	}
	check_answer(status, "opendir", &err);
	do {
		struct lwl_cursor cursor;
		struct vfs_entry e;
		size_t size;

		begin(l, opened.directory.id);
		vfs_directory_readdir_req_encode(&l->w, &req);
		size = call(l);
		if (l->save != NULL)
			save_answer(l, size);
		/* The entries point into the message, and listing one may need another message. */
		memcpy(answer, l->answer, size);
		check_answer(vfs_directory_readdir_rsp_decode(&rsp, answer, size, &err), "readdir",
			     &err);
		cursor = lwl_cursor_of(rsp.entries);
		while (vfs_entry_next(&cursor, &e)) {
			list_entry(l, in, &e);
			req.cookie = e.cookie;
		}
	} while (!rsp.end);
	free(answer);
}

static int list(const char *program, const char *root, int end, const char *save)
{
	static struct lister l;
	struct vfs_filesystem_attach_rsp attached;
	struct lwl_error err;
	int there[2], back[2], status;
	pid_t child;

	if (pipe(there) != 0 || pipe(back) != 0)
		die("pipe");
	child = fork();
	if (child < 0)
		die("fork");
	if (child == 0) {
		dup2(there[0], STDIN_FILENO);
		dup2(back[1], STDOUT_FILENO);
		close(there[0]);
		close(there[1]);
		close(back[0]);
		close(back[1]);
		execl("/proc/self/exe", program, "serve", root, (char *)NULL);
		die("exec");
	}
	close(there[0]);
	close(back[1]);
	l.to = fdopen(there[1], "wb");
	l.from = fdopen(back[0], "rb");
	if (l.to == NULL || l.from == NULL)
		die("fdopen");
	l.end = end;
	l.save = save;
	l.last = &l.first;

	begin(&l, FILESYSTEM);
	vfs_filesystem_attach_req_encode(&l.w, &(struct vfs_filesystem_attach_req){ 0 });
	check_answer(vfs_filesystem_attach_rsp_decode(&attached, l.answer, call(&l), &err), root, &err);
	add_pending(&l, attached.root, strdup(""));
	while (l.first != NULL) {
		struct pending *p = l.first;

		list_directory(&l, p);
		l.first = p->next;
		if (l.first == NULL)
			l.last = &l.first;
		free(p->path);
		free(p);
	}
	fclose(l.to);
	fclose(l.from);
	if (waitpid(child, &status, 0) != child || !WIFEXITED(status) || WEXITSTATUS(status) != 0) {
		fprintf(stderr, "tree: the serving process failed\n");
		return 1;
	}
	if (fflush(stdout) != 0)
		die("standard output");
	fprintf(stderr, "%zu entries in %zu messages, %zu bytes\n", l.entries, l.messages, l.bytes);
	return 0;
}

/* ---- one message, looked at ---- */

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
	const char *save = NULL;
	int end = '\n', i;

	if (argc == 3 && strcmp(argv[1], "serve") == 0)
		return serve(argv[2]);
	if (argc == 3 && strcmp(argv[1], "show") == 0)
		return show(argv[2]);
	if (argc == 3 && strcmp(argv[1], "damage") == 0)
		return damage(argv[2]);
	if (argc >= 3 && strcmp(argv[1], "list") == 0) {
		for (i = 2; i < argc - 1; i++) {
			if (strcmp(argv[i], "-0") == 0)
				end = '\0';
			else if (strcmp(argv[i], "--save") == 0 && i + 1 < argc - 1)
				save = argv[++i];
			else
				break;
		}
		if (i == argc - 1)
			return list(argv[0], argv[i], end, save);
	}
	fprintf(stderr, "usage: tree list [-0] [--save FILE] DIR | show FILE | damage FILE\n");
	return 2;
}
