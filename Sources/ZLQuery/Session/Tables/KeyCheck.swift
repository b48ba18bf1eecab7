import ZLColumnar

/// PRIMARY KEY and UNIQUE over the rows of a table and those that are about to enter it.
///
/// A statement costs O(new rows) for each key whose hash table is known, else O(stored + new rows) to build it. A row with a NULL in
/// a UNIQUE key conflicts with none.
struct KeyCheck {
    /// What to do with a new row whose key is there already, in the table or among the new rows before it.
    enum Conflict {
        case fail
        case skip
    }

    let definition: TableDefinition

    /// The stored rows' keys.
    enum Stored {
        /// There are no stored rows.
        case none
        /// The rows of `data`; `read` gives columns of them.
        case rows(TableData, KeyTables, read: (_ columns: [Int]) throws(ZLError) -> [DataChunk])
    }

    /// The new rows that may enter, in order, and the tables that hold their keys beside the stored ones and no others.
    struct Admission {
        var rows: [DataChunk]
        fileprivate(set) var tables: [(key: TableDefinition.Key, table: KeyTable)] = []
    }

    /// - Throws: class constraint with the key's values, where `conflict` is `fail`.
    func admit(
        _ chunks: [DataChunk], stored: Stored, conflict: Conflict, onKey only: TableDefinition.Key?, catalog: Catalog
    ) throws(ZLError) -> Admission {
        var admitted = chunks
        var tables: [(key: TableDefinition.Key, table: KeyTable, rowCount: Int)] = []
        for key in definition.keys where !admitted.isEmpty {
            let rule: Conflict = only == nil || only == key ? conflict : .fail
            let table = try self.table(key, stored)
            let before = table.count
            do {
                admitted = try admit(admitted, key, table, conflict: rule)
            } catch {
                if case .rows(let data, let known, _) = stored, table.count == before {
                    known.keep(table, key, of: definition, data, in: catalog)
                }
                throw error
            }
            tables.append((key, table, KeyCheck.rowCount(admitted)))
        }
        // why: a table that met rows which a later key turned away holds keys that are in no row.
        let rowCount = KeyCheck.rowCount(admitted)
        return Admission(rows: admitted, tables: tables.filter { $0.rowCount == rowCount }.map { ($0.key, $0.table) })
    }

    private static func rowCount(_ chunks: [DataChunk]) -> Int { chunks.reduce(0) { $0 + $1.rowCount } }

    /// The keys that are stored.
    private func table(_ key: TableDefinition.Key, _ stored: Stored) throws(ZLError) -> KeyTable {
        let made = { KeyTable(types: key.columns.map { definition.columns[$0].type }) }
        guard case .rows(let data, let known, let read) = stored else { return made() }
        if let table = known.take(key, of: definition, data) { return table }
        let table = made()
        let numbers = Selection(capacity: DataChunk.capacity)
        for chunk in try read(key.columns) {
            for start in stride(from: 0, to: chunk.rowCount, by: DataChunk.capacity) {
                let piece = chunk.slice(start..<min(start + DataChunk.capacity, chunk.rowCount))
                table.insert(piece.columns, count: piece.rowCount, into: numbers.rows)
            }
        }
        return table
    }

    private func admit(
        _ chunks: [DataChunk], _ key: TableDefinition.Key, _ table: KeyTable, conflict: Conflict
    ) throws(ZLError) -> [DataChunk] {
        let numbers = Selection(capacity: DataChunk.capacity)
        var admitted: [DataChunk] = []
        for whole in chunks {
            for start in stride(from: 0, to: whole.rowCount, by: DataChunk.capacity) {
                let chunk = whole.slice(start..<min(start + DataChunk.capacity, whole.rowCount))
                let columns = key.columns.map { chunk.columns[$0] }
                var known = table.count
                table.insert(columns, count: chunk.rowCount, into: numbers.rows)
                let kept = Selection(capacity: chunk.rowCount)
                for row in 0..<chunk.rowCount {
                    if Int(numbers.rows[row]) == known {
                        known += 1
                        kept.append(UInt32(row))
                    } else if !key.isPrimary, columns.contains(where: { $0.isNull(row) }) {
                        kept.append(UInt32(row))
                    } else if case .fail = conflict {
                        throw violation(key, columns, row)
                    }
                }
                if kept.count == chunk.rowCount {
                    admitted.append(chunk)
                } else if kept.count > 0 {
                    admitted.append(chunk.gather(kept.rows, count: kept.count))
                }
            }
        }
        return admitted
    }

    private func violation(_ key: TableDefinition.Key, _ columns: [ColumnVector], _ row: Int) -> ZLError {
        let values = zip(key.columns, columns).map { place, vector in
            "\(definition.columns[place].name) = \(vector.isNull(row) ? "NULL" : TextFormat.text(of: vector, row: row))"
        }
        return ZLError(
            .constraint, key.isPrimary ? "primary_key" : "unique",
            "the \(key.isPrimary ? "PRIMARY KEY" : "UNIQUE key") of \"\(definition.fullName)\" already has \(values.joined(separator: ", "))",
            hint: "ON CONFLICT DO NOTHING leaves out rows whose key is there")
    }
}
