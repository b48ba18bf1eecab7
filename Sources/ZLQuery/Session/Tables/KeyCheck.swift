import ZLColumnar

/// PRIMARY KEY and UNIQUE over the rows of a table and those that are about to enter it.
///
/// Builds a hash table of a key's stored values, so that a statement costs O(stored + new rows) for each key. A row with a NULL in a
/// UNIQUE key conflicts with none.
struct KeyCheck {
    /// What to do with a new row whose key is there already, in the table or among the new rows before it.
    enum Conflict {
        case fail
        case skip
    }

    let definition: TableDefinition

    /// The new rows that may enter, in order.
    ///
    /// - Throws: class constraint with the key's values, where `conflict` is `fail`.
    func admit(
        _ chunks: [DataChunk], stored: (_ columns: [Int]) throws(ZLError) -> [DataChunk], conflict: Conflict,
        onKey only: TableDefinition.Key?
    ) throws(ZLError) -> [DataChunk] {
        var admitted = chunks
        for key in definition.keys where !admitted.isEmpty {
            let rule: Conflict = only == nil || only == key ? conflict : .fail
            admitted = try admit(admitted, key, stored: stored(key.columns), conflict: rule)
        }
        return admitted
    }

    private func admit(
        _ chunks: [DataChunk], _ key: TableDefinition.Key, stored: [DataChunk], conflict: Conflict
    ) throws(ZLError) -> [DataChunk] {
        let table = KeyTable(types: key.columns.map { definition.columns[$0].type })
        let numbers = Selection(capacity: DataChunk.capacity)
        for chunk in stored {
            for start in stride(from: 0, to: chunk.rowCount, by: DataChunk.capacity) {
                let piece = chunk.slice(start..<min(start + DataChunk.capacity, chunk.rowCount))
                table.insert(piece.columns, count: piece.rowCount, into: numbers.rows)
            }
        }
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
