/// The words that the grammar knows, matched without regard to case. Most of them may also be names.
enum Keyword: String, CaseIterable, Hashable, Sendable {
    case add, all, allow, alter, always, analyse, analyze, and, anti, any, array, `as`, asc, asof, asymmetric, at, attach
    case auto, backward, begin, between, boosted, both, by, call, cascade, `case`, cast, check, checkpoint, collate, column
    case columns, comment, commit, conflict, constraint, copy, create, cross, cube, current, cycle, data, database, databases
    case deallocate, `default`, deferrable, delete, desc, describe, detach, direction, distinct, `do`, drop, `else`, embargo
    case end, escape, evaluate, except, exclude, execute, exists, explain, export, extract, `false`, features, fetch, filter
    case first, folds, following, `for`, force, foreign, forward, freeze, from, full, function, functions, generated, glob
    case global, group, grouping, groups, having, holdout, `if`, ignore, ilike, `import`, `in`, include, increment, index
    case initially, inner, insert, intersect, interval, into, `is`, isnull, join, key, lambda, last, lateral, leading, left
    case like, limit, local, lookahead, macro, map, match, materialized, maxvalue, merge, minvalue, model, models, name
    case natural, nearest, no, none, not, nothing, notnull, null, nulls, offset, on, only, or, order, ordinality, others
    case outer, over, overlaps, overlay, partition, percent, persistent, pivot, placing, position, positional, pragma
    case preceding, precision, prepare, primary, purge, qualify, range, recursive, references, rename, repeatable, replace
    case report, reset, respect, returning, right, rollback, rollup, row, rows, sample, schema, schemas, secret, select
    case semi, sequence, session, set, sets, settings, show, similar, sliding, some, sorted, start, stored
    case substring, summarize, symmetric, table, tables, tablesample, target, temp, temporary, then, ties, time, timestamp, to
    case tolerance, trailing, train, transaction, trim, `true`, truncate, `try_cast`, type, unbounded, union, unique, unknown
    case unpivot, update, use, using, vacuum, validate, value, values, variable, variables, varying, view, virtual, walk
    case weight, when, `where`, window, with, within, without, work, zone

    /// The word as SQL writes it.
    var text: String { rawValue.uppercasedASCII }

    /// Never a name unless quoted.
    var isReserved: Bool { Keyword.reserved.contains(self) }

    /// A function's or a type's name, but neither a column, a table nor an alias unless quoted.
    var isJoinWord: Bool { Keyword.joinWords.contains(self) }

    private static let reserved: Set<Keyword> = [
        .all, .analyse, .analyze, .and, .any, .array, .as, .asc, .asymmetric, .both, .case, .cast, .check, .collate, .column,
        .constraint, .create, .default, .deferrable, .desc, .describe, .distinct, .do, .else, .end, .except, .false, .fetch,
        .for, .foreign, .from, .group, .having, .in, .initially, .intersect, .into, .lambda, .lateral, .leading, .limit, .not,
        .null, .offset, .on, .only, .or, .order, .pivot, .placing, .primary, .qualify, .references, .returning, .select,
        .show, .some, .summarize, .symmetric, .table, .then, .to, .trailing, .true, .union, .unique, .unpivot, .using, .when,
        .where, .window, .with,
    ]

    private static let joinWords: Set<Keyword> = [
        .anti, .asof, .at, .by, .cross, .freeze, .full, .glob, .ilike, .inner, .is, .isnull, .join, .left, .like, .natural,
        .notnull, .outer, .overlaps, .positional, .right, .semi, .similar, .tablesample,
    ]

    private static let byWord: [String: Keyword] = {
        var words: [String: Keyword] = [:]
        for keyword in Keyword.allCases { words[keyword.rawValue] = keyword }
        return words
    }()

    private static let longest: Int = Keyword.allCases.map { $0.rawValue.utf8.count }.max() ?? 0

    /// The keyword that the bytes spell in any case.
    init?(word: ArraySlice<UInt8>) {
        guard word.count <= Keyword.longest else { return nil }
        let lower = String(decoding: word.lazy.map { (65...90).contains($0) ? $0 | 32 : $0 }, as: UTF8.self)
        guard let found = Keyword.byWord[lower] else { return nil }
        self = found
    }
}

extension String {
    /// ASCII letters in upper case, every other character as it is.
    var uppercasedASCII: String {
        String(decoding: utf8.map { (97...122).contains($0) ? $0 & ~32 : $0 }, as: UTF8.self)
    }

    /// ASCII letters in lower case, every other character as it is.
    var lowercasedASCII: String {
        String(decoding: utf8.map { (65...90).contains($0) ? $0 | 32 : $0 }, as: UTF8.self)
    }
}
