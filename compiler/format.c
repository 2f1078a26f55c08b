/*
 * lwlc fmt: schemas in their one style.
 *
 * It works on tokens and on the comments between them, not on the syntax tree: so it cannot lose or
 * change anything but blanks and line ends.  The parser runs first, and what does not parse is not
 * touched.  The style is described in docs/language.md.
 */
#include "format.h"

#include <argp.h>
#include <errno.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "emit.h"
#include "idl/arena.h"
#include "idl/ast.h"
#include "idl/diag.h"

enum { EXIT_DIFFERS = 1, EXIT_OTHER = 2 };

enum {
	MAX_COLUMNS = 100,
	TAB = 8,
	MAX_BRACES = 64,		/* the parser lets no more be open */
	MAX_FILE = 16 << 20
};

/* ---- pieces: tokens and comments ---- */

enum piece_kind { PIECE_TOKEN, PIECE_DOC, PIECE_COMMENT };

struct piece {
	enum piece_kind kind;
	const char *text;		/* comments: without blanks at the end */
	uint32_t length;
	uint32_t line;			/* in the source */
	uint32_t lines;			/* line ends between the piece before and this one */
	uint32_t match;			/* '{': index of its '}' */
};

struct pieces {
	struct piece *pieces;
	uint32_t count;
};

static bool is(const struct piece *piece, const char *text)
{
	return piece->kind == PIECE_TOKEN && strlen(text) == piece->length &&
	       memcmp(piece->text, text, piece->length) == 0;
}

static uint32_t trimmed(const char *text, uint32_t length)
{
	while (length > 0 && strchr(" \t\r", text[length - 1]) != NULL)
		length--;
	return length;
}

static void add_piece(struct pieces *all, enum piece_kind kind, const char *text, uint32_t length,
		      uint32_t line)
{
	uint32_t before = all->count == 0 ? 1 : all->pieces[all->count - 1].line;

	all->pieces[all->count++] = (struct piece){
		.kind = kind,
		.text = text,
		.length = kind == PIECE_TOKEN ? length : trimmed(text, length),
		.line = line,
		.lines = line - before,
	};
}

/* What is between two tokens: blanks and comments.  Returns the line in which it ends. */
static uint32_t add_comments(struct pieces *all, const struct source *source, uint32_t at,
			     uint32_t end, uint32_t line)
{
	while (at < end) {
		const char *text = source->text + at;

		if (*text == '/') {
			const char *stop = memchr(text, '\n', end - at);
			uint32_t length = stop != NULL ? (uint32_t)(stop - text) : end - at;

			add_piece(all, PIECE_COMMENT, text, length, line);
			at += length;
		} else {
			line += *text == '\n';
			at++;
		}
	}
	return line;
}

static bool is_byte_order_mark(const struct source *source)
{
	return source->length >= 3 && memcmp(source->text, "\xef\xbb\xbf", 3) == 0;
}

static struct pieces collect(struct arena *arena, const struct source *source,
			     const struct ast_tokens *tokens)
{
	uint32_t open[MAX_BRACES], depth = 0, at = is_byte_order_mark(source) ? 3 : 0, line = 1;
	struct pieces all = { NULL, 0 };
	size_t room = tokens->count;

	/* A comment has two slashes, and a line end or the end of the text behind it. */
	for (uint32_t i = at; i + 1 < source->length; i++)
		room += source->text[i] == '/' && source->text[i + 1] == '/';
	all.pieces = arena_array(arena, room, sizeof *all.pieces);
	for (size_t i = 0; i < tokens->count; i++) {
		const struct ast_token *token = &tokens->tokens[i];
		const char *text = source->text + token->start;
		uint32_t index;

		line = add_comments(&all, source, at, token->start, line);
		index = all.count;
		add_piece(&all, *text == '/' ? PIECE_DOC : PIECE_TOKEN, text,
			  token->end - token->start, line);
		if (*text == '{')
			open[depth++] = index;
		else if (*text == '}')
			all.pieces[open[--depth]].match = index;
		at = token->end;
	}
	add_comments(&all, source, at, source->length, line);
	return all;
}

/* ---- printing ---- */

struct printer {
	const struct piece *pieces;
	uint32_t count;
	FILE *out;
	uint32_t column;
	uint32_t indent;		/* open bodies with an item a line */
	struct {
		bool is_union, is_inline;
	} open[MAX_BRACES];
	uint32_t depth;
	uint32_t inline_end;		/* index of the '}' that ends a body on one line; 0: none */
	bool break_due;			/* a line end comes before the next piece */
	bool in_element;		/* part of the current element has been printed */
	bool has_doc;			/* its doc comment has */
	bool body_starts;		/* nothing has been printed in the body, or the file, yet */
};

static uint32_t width(const struct piece *piece)
{
	uint32_t columns = 0;

	for (uint32_t i = 0; i < piece->length; i++)
		columns += ((unsigned char)piece->text[i] & 0xc0) != 0x80;
	return columns;
}

static void put(struct printer *p, const struct piece *piece)
{
	fwrite(piece->text, 1, piece->length, p->out);
	p->column += width(piece);
}

static void put_space(struct printer *p)
{
	fputc(' ', p->out);
	p->column++;
}

/* Whether a blank stands between two tokens on one line. */
static bool has_blank(const struct piece *before, const struct piece *token, bool is_top)
{
	if (is(before, "<") || is(before, "[") || is(before, ".") || is(before, "..") ||
	    is(before, "-"))
		return false;
	switch (token->text[0]) {
	case ';': case ',': case '?': case '.': case '<': case '>': case ']':
		return false;
	case '[':
		return is(before, "=");	/* a set of flags; otherwise the shape of a type */
	case ':':
		return is_top;		/* the type of an enum; otherwise behind an item's number */
	default:
		return true;
	}
}

/*
 * The column behind `last`, as far as it matters, if the tokens from `first` on stand on one line
 * and the first one starts at `column`.
 */
static uint32_t inline_end_column(const struct printer *p, uint32_t first, uint32_t last,
				  uint32_t column)
{
	uint32_t depth = p->depth;

	for (uint32_t i = first; i <= last && column <= MAX_COLUMNS; i++) {
		const struct piece *piece = &p->pieces[i];

		column += width(piece);
		column += i > first && has_blank(piece - 1, piece, depth == 0);
		depth += is(piece, "{");
		depth -= is(piece, "}");
	}
	return column;
}

static bool opens_union(const struct printer *p, uint32_t open)
{
	while (open > 0 && p->pieces[open - 1].kind != PIECE_TOKEN)
		open--;
	return open > 0 && is(&p->pieces[open - 1], "union");
}

/* Whether the body that opens here was on one line, and its element still fits on one. */
static bool stays_inline(const struct printer *p, uint32_t open)
{
	uint32_t last = p->pieces[open].match;

	if (p->pieces[last].line != p->pieces[open].line)
		return false;
	/* Behind a union come the name and more; a comment there ends the line. */
	if (opens_union(p, open)) {
		while (!is(&p->pieces[last], ";") && p->pieces[last + 1].kind == PIECE_TOKEN)
			last++;
	}
	return inline_end_column(p, open, last, p->column) <= MAX_COLUMNS;
}

/* Whether what follows a comma and a blank, up to the next comma or the end, no longer fits. */
static bool is_beyond(const struct printer *p, uint32_t first)
{
	uint32_t last = first;

	while (!is(&p->pieces[last], ",") && !is(&p->pieces[last], ";") &&
	       !is(&p->pieces[last], "]") && p->pieces[last + 1].kind == PIECE_TOKEN)
		last++;
	return inline_end_column(p, first, last, p->column + 1) > MAX_COLUMNS;
}

static void start_line(struct printer *p, const struct piece *piece, bool is_close)
{
	uint32_t indent = p->indent + p->in_element;

	if (piece != p->pieces) {
		fputc('\n', p->out);
		if (piece->lines > 1 && !p->body_starts && !p->in_element && !p->has_doc &&
		    !is_close)
			fputc('\n', p->out);
	}
	for (uint32_t i = 0; i < indent; i++)
		fputc('\t', p->out);
	p->column = indent * TAB;
	p->break_due = false;
}

static void put_comment(struct printer *p, const struct piece *piece)
{
	if (piece->lines == 0 && piece != p->pieces) {
		put_space(p);
	} else {
		start_line(p, piece, false);
		p->body_starts = false;
	}
	put(p, piece);
	p->break_due = true;
	p->has_doc |= piece->kind == PIECE_DOC;
}

static void end_element(struct printer *p)
{
	if (p->inline_end != 0)
		return;
	p->break_due = true;
	p->in_element = false;
}

static void open_body(struct printer *p, uint32_t at, bool is_inline)
{
	bool is_nested = p->inline_end != 0;

	p->open[p->depth].is_union = opens_union(p, at);
	p->open[p->depth++].is_inline = is_inline;
	if (is_inline && !is_nested) {
		p->inline_end = p->pieces[at].match;
	} else if (!is_inline) {
		p->indent++;
		p->body_starts = true;
		end_element(p);
	}
}

static void put_token(struct printer *p, uint32_t at)
{
	const struct piece *piece = &p->pieces[at];
	bool is_close = is(piece, "}"), is_inline = p->inline_end != 0;

	if (is_close && !p->open[p->depth - 1].is_inline) {
		p->indent--;
		end_element(p);
	}
	if (at > 0 && is(piece - 1, ",") && !is_inline && is_beyond(p, at))
		p->break_due = true;
	if (p->break_due || at == 0)
		start_line(p, piece, is_close);
	else if (has_blank(piece - 1, piece, p->depth == 0))
		put_space(p);
	if (is(piece, "{"))
		is_inline = is_inline || stays_inline(p, at);
	put(p, piece);
	p->in_element = true;
	p->has_doc = p->body_starts = false;
	if (is(piece, "{")) {
		open_body(p, at, is_inline);
	} else if (is_close) {
		if (p->inline_end == at)
			p->inline_end = 0;
		if (!p->open[--p->depth].is_union)
			end_element(p);
	} else if (is(piece, ";")) {
		end_element(p);
	}
}

/* The text of a schema that has been parsed, in its one style. */
static void print(struct output *out, const struct pieces *all)
{
	struct printer p = { .pieces = all->pieces, .count = all->count, .body_starts = true };

	p.out = open_memstream(&out->text, &out->length);
	if (p.out == NULL) {
		perror("lwlc");
		exit(EXIT_OTHER);
	}
	for (uint32_t i = 0; i < all->count; i++) {
		if (all->pieces[i].kind == PIECE_TOKEN)
			put_token(&p, i);
		else
			put_comment(&p, &all->pieces[i]);
	}
	fputc('\n', p.out);
	if (fclose(p.out) != 0) {
		perror("lwlc");
		exit(EXIT_OTHER);
	}
	out->room = out->length + 1;
}

/* ---- files ---- */

struct arguments {
	bool check, to_stdout;
	char **files;
	int count;
};

/* The whole of a file with two NULs behind it; NULL with errno. */
static char *read_all(struct arena *arena, FILE *in, uint32_t *length)
{
	size_t room = 1 << 16, used = 0, got;
	char *text = arena_alloc(arena, room + 2);

	while ((got = fread(text + used, 1, room - used, in)) > 0) {
		used += got;
		if (used > MAX_FILE) {
			errno = EFBIG;
			return NULL;
		}
		if (used == room) {
			char *larger = arena_alloc(arena, room * 2 + 2);

			memcpy(larger, text, used);
			text = larger;
			room *= 2;
		}
	}
	if (ferror(in))
		return NULL;
	text[used] = text[used + 1] = '\0';
	*length = (uint32_t)used;
	return text;
}

static bool read_source(struct arena *arena, const char *path, struct source *source)
{
	bool is_stdin = strcmp(path, "-") == 0;
	FILE *in = is_stdin ? stdin : fopen(path, "rb");

	*source = (struct source){ .path = is_stdin ? "<stdin>" : path };
	if (in != NULL) {
		source->text = read_all(arena, in, &source->length);
		if (!is_stdin) {
			int error = errno;

			fclose(in);
			errno = error;
		}
	}
	if (source->text == NULL)
		fprintf(stderr, "lwlc: cannot read %s: %s\n", source->path, strerror(errno));
	return source->text != NULL;
}

static uint32_t line_length(const char *text, uint32_t left)
{
	const char *end = memchr(text, '\n', left);

	return end != NULL ? (uint32_t)(end - text) : left;
}

/* A line for the terminal: no control characters but tabs. */
static void print_line(char mark, const char *text, uint32_t length)
{
	putchar(mark);
	for (uint32_t i = 0; i < length; i++) {
		unsigned char byte = (unsigned char)text[i];
		bool is_control = (byte < 0x20 && byte != '\t') || byte == 0x7f ||
				  (byte == 0xc2 && (unsigned char)text[i + 1] < 0xa0);

		i += is_control && byte == 0xc2;
		putchar(is_control ? '?' : byte);
	}
	putchar('\n');
}

/* The first line that is not as it should be. */
static void print_hint(const struct source *source, const struct output *out)
{
	uint32_t old = 0, new = 0, length = (uint32_t)out->length, line = 1, has, wants;

	for (;; line++) {
		has = line_length(source->text + old, source->length - old);
		wants = line_length(out->text + new, length - new);
		if (has != wants || memcmp(source->text + old, out->text + new, has) != 0 ||
		    old + has >= source->length || new + wants >= length)
			break;
		old += has + 1;
		new += wants + 1;
	}
	printf("%s:%u: not formatted\n", source->path, (unsigned)line);
	if (old < source->length)
		print_line('-', source->text + old, has);
	if (new < length)
		print_line('+', out->text + new, wants);
}

/* Put `out` in the place of a file: behind a symbolic link, with the permissions that it had. */
static bool replace(const char *path, struct output *out)
{
	struct output_set *set;
	struct stat status;
	char *target = realpath(path, NULL);
	bool done = false;

	if (target == NULL || access(target, W_OK) != 0 || stat(target, &status) != 0) {
		fprintf(stderr, "lwlc: cannot write %s: %s\n", path, strerror(errno));
	} else {
		set = output_set_new();
		output_set_add(set, target, out);
		done = output_set_write(set);
		output_set_free(set);
		if (done && chmod(target, status.st_mode & 07777) != 0) {
			fprintf(stderr, "lwlc: %s: the permissions are lost: %s\n", path,
				strerror(errno));
			done = false;
		}
	}
	free(target);
	return done;
}

static int deliver(const struct arguments *a, const char *path, const struct source *source,
		   struct output *out)
{
	bool differs = out->length != source->length ||
		       memcmp(out->text, source->text, out->length) != 0;

	if (a->check) {
		if (differs)
			print_hint(source, out);
		return differs ? EXIT_DIFFERS : 0;
	}
	if (a->to_stdout || strcmp(path, "-") == 0) {
		fwrite(out->text, 1, out->length, stdout);
		return 0;
	}
	return !differs || replace(path, out) ? 0 : EXIT_OTHER;
}

static int format_file(const struct arguments *a, const char *path)
{
	struct arena *arena = arena_new();
	struct diagnostics *diagnostics = diag_new(arena);
	struct ast_tokens tokens = { NULL, 0, 0 };
	struct output out = { NULL, 0, 0 };
	struct source source;
	struct pieces all;
	int status = EXIT_OTHER;

	if (read_source(arena, path, &source)) {
		ast_parse_tokens(&source, arena, diagnostics, &tokens);
		if (diag_count(diagnostics) > 0) {
			diag_print(diagnostics, stderr,
				   isatty(STDERR_FILENO) && getenv("NO_COLOR") == NULL
				   ? DIAG_TEXT_COLOUR : DIAG_TEXT);
			status = EXIT_DIFFERS;
		} else {
			all = collect(arena, &source, &tokens);
			print(&out, &all);
			status = deliver(a, path, &source, &out);
		}
	}
	output_free(&out);
	arena_free(arena);
	return status;
}

/* ---- the command line ---- */

enum { KEY_CHECK = 256, KEY_STDOUT };

static const char doc[] =
	"Write schemas in their one style: comments and meaning stay, blanks and line\n"
	"ends change.\v"
	"A FILE is replaced only if it changes, and as a whole.  `-' is the standard\n"
	"input, and goes to the standard output.  A file that does not parse is not\n"
	"touched.  A body that stands on one line stays there if it fits in 100\n"
	"columns.\n"
	"\n"
	"Exit status: 0 done, or with --check nothing to do; 1 a file does not parse,\n"
	"or with --check is not formatted; 2 anything else.";

static const struct argp_option options[] = {
	{ "check", KEY_CHECK, NULL, 0,
	  "Change nothing; print the first difference in each file that would change", 0 },
	{ "stdout", KEY_STDOUT, NULL, 0, "Write to the standard output instead of the files", 0 },
	{ NULL, 0, NULL, 0, NULL, 0 }
};

static error_t parse(int key, char *arg, struct argp_state *state)
{
	struct arguments *a = state->input;

	(void)arg;
	switch (key) {
	case KEY_CHECK:
		a->check = true;
		return 0;
	case KEY_STDOUT:
		a->to_stdout = true;
		return 0;
	case ARGP_KEY_ARGS:
		a->files = state->argv + state->next;
		a->count = state->argc - state->next;
		return 0;
	case ARGP_KEY_NO_ARGS:
		argp_error(state, "which files?");
		return 0;
	case ARGP_KEY_END:
		if (a->check && a->to_stdout)
			argp_error(state, "--check writes nothing, so --stdout means nothing");
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

int format_main(int argc, char **argv)
{
	static const struct argp argp = { options, parse, "FILE...", doc, NULL, NULL, NULL };
	struct arguments a = { 0 };
	int status = 0;

	argp_err_exit_status = EXIT_OTHER;
	if (argp_parse(&argp, argc, argv, 0, NULL, &a) != 0)
		return EXIT_OTHER;
	for (int i = 0; i < a.count; i++) {
		int one = format_file(&a, a.files[i]);

		if (one > status)
			status = one;
	}
	if (fflush(stdout) != 0 || ferror(stdout)) {
		fprintf(stderr, "lwlc: cannot write the standard output: %s\n", strerror(errno));
		status = EXIT_OTHER;
	}
	return status;
}
