import ZLColumnar

/// The keys of tables that were inserted into, so that the next statement need not read them all again.
///
/// What is kept belongs to the very rows that it was kept for. After a rollback, an UPDATE or another session's commit the table's
/// rows are others, and its keys are read anew.
final class KeyTables {
    private struct Entry {
        var table: KeyTable
        /// The key columns' segments, a list a row group.
        var segments: [[Segment]]
    }

    private struct Name: Hashable {
        let schema: String
        let table: String
        let columns: [Int]
    }

    private var entries: [Name: Entry] = [:]

    /// Keys in memory; a key takes some 40 bytes.
    private static let mostKeys = 10_000_000

    /// The keys of exactly these rows. The caller may add to the table and has to `keep` it again.
    ///
    /// - Complexity: O(row groups).
    func take(_ key: TableDefinition.Key, of definition: TableDefinition, _ data: TableData) -> KeyTable? {
        guard let entry = entries.removeValue(forKey: name(key, definition)) else { return nil }
        let segments = KeyTables.segments(key, data)
        guard entry.segments.count == segments.count else { return nil }
        for (kept, found) in zip(entry.segments, segments) {
            guard kept.count == found.count, zip(kept, found).allSatisfy({ $0 === $1 }) else { return nil }
        }
        return entry.table
    }

    /// Remembers a table that holds the keys of `data` and no others.
    func keep(_ table: KeyTable, _ key: TableDefinition.Key, of definition: TableDefinition, _ data: TableData, in catalog: Catalog) {
        // why: without segments nothing tells one empty table from another.
        guard data.rowCount > 0 else { return }
        entries = entries.filter { catalog.entry(schema: $0.key.schema, name: $0.key.table) != nil }
        guard entries.values.reduce(table.count, { $0 + $1.table.count }) <= KeyTables.mostKeys else {
            // why: which tables come next is unknown, and starting over is simple.
            entries = [:]
            return
        }
        entries[name(key, definition)] = Entry(table: table, segments: KeyTables.segments(key, data))
    }

    private func name(_ key: TableDefinition.Key, _ definition: TableDefinition) -> Name {
        Name(schema: definition.schema, table: definition.name, columns: key.columns)
    }

    private static func segments(_ key: TableDefinition.Key, _ data: TableData) -> [[Segment]] {
        data.rowGroups.map { group in key.columns.map { group.segments[$0] } }
    }
}
