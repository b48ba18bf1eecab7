import ZLColumnar

/// The right side of a join in memory: its columns, and for each distinct key its rows in order.
final class JoinBuild: @unchecked Sendable {  // proof: only `matched` is written after init, bytes that all threads set to 1
    let columns: [ColumnVector]
    let rowCount: Int
    /// Places of the columns that rows are asked for.
    private let payload: [Int]
    /// Some of them once more, row by row, and which.
    private let packed: (rows: PackedRows, places: Set<Int>)?
    let nullsMatch: [Bool]
    /// What makes one key of several.
    private let combined: CombinedKeys?
    private let index: KeyIndex
    /// The row of each key number, `ColumnVector.noRow` where it has none; nil where some key has several rows.
    private let singles: Buffer?
    /// Each key's number is its row.
    private let numbersAreRows: Bool
    /// Rows by key: those of key k are `rows[starts[k] ..< starts[k + 1]]`. Empty where `singles` says it all.
    private let starts: Buffer
    private let rows: Buffer
    private let matched: Buffer
    private let translations = KeyTranslations()
    /// Some key of the right side is NULL and NULLs do not match.
    let hasNullKey: Bool
    /// For each key whose NULLs do not match, the set of its values; nil where there is none.
    let keySets: [JoinKeySet?]

    /// What gives keys their numbers.
    private enum KeyIndex {
        case dense(DenseKeys)
        case sparse(SparseKeys)
        case table(KeyTable)

        var count: Int {
            switch self {
            case .dense(let keys): keys.count
            case .sparse(let keys): keys.count
            case .table(let table): table.count
            }
        }
    }

    init(
        source: any BatchSource, types: [DataType], layout: ColumnLayout, keys: [JoinKey], payload: [Int], _ context: ExecutionContext
    ) throws {
        (columns, rowCount) = try source.columns(context, types: types, keepsCodes: true)
        let nullsMatch = keys.map(\.nullsEqual)
        self.nullsMatch = nullsMatch
        let expressions = try PhysicalExpression.all(keys.map(\.right), layout)
        let whole = DataChunk(columns: columns, rowCount: rowCount)
        var vectors: [ColumnVector] = []
        for expression in expressions { vectors.append(try expression.evaluate(whole)) }
        let wholeKeys = zip(vectors, nullsMatch).map { $1 ? nil : WholeKeys($0) }
        self.payload = payload
        let (all, rowCount) = (columns, rowCount)
        let packable = payload.filter { PackedRows.applies(to: all[$0]) }
        packed = try PackedRows(packable.map { all[$0] }, rowCount: rowCount, context).map { ($0, Set(packable)) }
        matched = Buffer(byteCount: max(16, rowCount))
        matched.zero()
        combined = keys.count > 1 && !nullsMatch.contains(true) ? CombinedKeys(vectors) : nil
        let one = keys.count == 1 ? wholeKeys[0] : combined?.column(vectors, count: rowCount).flatMap { WholeKeys($0) }
        if let one, let bounds = one.bounds, let dense = DenseKeys(bounds, rowCount: rowCount), let placed = try dense.place(one, context) {
            index = .dense(dense)
            hasNullKey = vectors.contains { $0.nullCount() > 0 }
            keySets = keys.count == 1 ? [JoinKeySet(bounds, bits: placed.bits)] : wholeKeys.map { keys in keys.flatMap { JoinKeySet($0) } }
            singles = placed.rows
            numbersAreRows = placed.areRows
            (starts, rows) = (Buffer(byteCount: 16), Buffer(byteCount: 16))
            return
        }
        numbersAreRows = false
        keySets = wholeKeys.map { keys in keys.flatMap { JoinKeySet($0) } }
        let numbers = Buffer(byteCount: max(16, rowCount * 4))
        let number = numbers.values(UInt32.self)
        if let one {
            hasNullKey = vectors.contains { $0.nullCount() > 0 }
            if let bounds = one.bounds, let dense = DenseKeys(bounds, rowCount: rowCount) {
                dense.find(one, into: number)
                index = .dense(dense)
            } else {
                index = .sparse(SparseKeys(one, into: number))
            }
        } else {
            let table = KeyTable(types: keys.map(\.right.type))
            hasNullKey = try JoinBuild.insert(vectors, rowCount, nullsMatch, into: table, number, context)
            index = .table(table)
        }
        singles = JoinBuild.singles(number, rowCount, keyCount: index.count)
        (starts, rows) = singles == nil ? JoinBuild.grouped(number, rowCount, keyCount: index.count) : (Buffer(byteCount: 16), Buffer(byteCount: 16))
    }

    /// The payload of right rows; `ColumnVector.noRow` gives NULLs, and may stand there only where `allowsMissing`.
    func gather(_ rows: UnsafePointer<UInt32>, count: Int, allowsMissing: Bool = false) -> [ColumnVector] {
        let present = allowsMissing ? ValidityBitmap.present(rows, count: count) : nil
        guard let packed else { return payload.map { columns[$0].gather(rows, count: count, present: present) } }
        var gathered = packed.rows.gather(rows, count: count, present: present).makeIterator()
        return payload.map { place in
            let ready = packed.places.contains(place) ? gathered.next() : nil
            return ready ?? columns[place].gather(rows, count: count, present: present)
        }
    }

    /// Numbers the keys of all rows; whether some of them is NULL where NULLs do not match.
    private static func insert(
        _ keys: [ColumnVector], _ rowCount: Int, _ nullsMatch: [Bool], into table: KeyTable, _ number: UnsafeMutablePointer<UInt32>,
        _ context: ExecutionContext
    ) throws -> Bool {
        var sawNull = false
        for start in stride(from: 0, to: rowCount, by: DataChunk.capacity) {
            try context.cancellation.check()
            let rows = start..<min(rowCount, start + DataChunk.capacity)
            table.insert(keys.map { $0.slice(rows) }, count: rows.count, into: number + start)
            for (index, vector) in keys.enumerated() where !nullsMatch[index] && vector.mayHaveNulls {
                for row in rows where vector.isNull(row) {
                    number[row] = ColumnVector.noRow
                    sawNull = true
                }
            }
        }
        return sawNull
    }

    /// The one row of each key; nil where some key has several.
    private static func singles(_ number: UnsafePointer<UInt32>, _ rowCount: Int, keyCount: Int) -> Buffer? {
        let buffer = Buffer(byteCount: max(16, keyCount * 4))
        let single = buffer.values(UInt32.self)
        single.update(repeating: ColumnVector.noRow, count: keyCount)
        for row in 0..<rowCount where number[row] != ColumnVector.noRow {
            if single[Int(number[row])] != ColumnVector.noRow { return nil }
            single[Int(number[row])] = UInt32(truncatingIfNeeded: row)
        }
        return buffer
    }

    private static func grouped(_ number: UnsafePointer<UInt32>, _ rowCount: Int, keyCount: Int) -> (starts: Buffer, rows: Buffer) {
        let (starts, rows) = (Buffer(byteCount: (keyCount + 2) * 4), Buffer(byteCount: max(16, rowCount * 4)))
        starts.zero()
        let (start, place) = (starts.values(UInt32.self), rows.values(UInt32.self))
        for row in 0..<rowCount where number[row] != ColumnVector.noRow { start[Int(number[row]) + 2] += 1 }
        for key in 0..<keyCount { start[key + 2] += start[key + 1] }
        // why: start[k + 1] is the next free place of key k while rows are dealt out, and the start of k + 1 afterwards
        for row in 0..<rowCount where number[row] != ColumnVector.noRow {
            let key = Int(number[row])
            place[Int(start[key + 1])] = UInt32(truncatingIfNeeded: row)
            start[key + 1] += 1
        }
        return (starts, rows)
    }

    /// No key has two rows.
    var isUnique: Bool { singles != nil }

    /// The key number of each probe row, `ColumnVector.noRow` where no right row has it.
    func find(_ keys: [ColumnVector], count: Int, into numbers: UnsafeMutablePointer<UInt32>) {
        number(keys, count, numbers)
        guard case .dense = index else { return }
        if let single = singles?.values(UInt32.self) {
            for row in 0..<count where numbers[row] != ColumnVector.noRow && single[Int(numbers[row])] == ColumnVector.noRow {
                numbers[row] = ColumnVector.noRow
            }
            return
        }
        let start = starts.values(UInt32.self)
        for row in 0..<count {
            let key = Int(numbers[row])
            if numbers[row] != ColumnVector.noRow, start[key] == start[key + 1] { numbers[row] = ColumnVector.noRow }
        }
    }

    /// The one right row of each probe row, `ColumnVector.noRow` where there is none. For unique keys only.
    func findRows(_ keys: [ColumnVector], count: Int, into rows: UnsafeMutablePointer<UInt32>) {
        guard let single = singles?.values(UInt32.self) else { return }
        if case .dense(let dense) = index, let probed = whole(keys, count) {
            return dense.find(probed, rows: numbersAreRows ? nil : single, into: rows)
        }
        number(keys, count, rows)
        for row in 0..<count where rows[row] != ColumnVector.noRow { rows[row] = single[Int(rows[row])] }
    }

    /// The keys of probe rows as the one key that rows are found by.
    private func whole(_ keys: [ColumnVector], _ count: Int) -> WholeKeys? {
        guard let combined else { return WholeKeys(keys[0]) }
        return combined.column(keys, count: count).flatMap { WholeKeys($0) }
    }

    private func number(_ keys: [ColumnVector], _ count: Int, _ numbers: UnsafeMutablePointer<UInt32>) {
        switch index {
        case .dense(let dense): if let probed = whole(keys, count) { dense.find(probed, into: numbers) }
        case .sparse(let sparse): if let probed = whole(keys, count) { sparse.find(probed, into: numbers) }
        case .table(let table):
            if keys.count == 1, !nullsMatch[0], let known = translations.numbers(of: keys[0], in: table) {
                known.translate(keys[0], into: numbers)
            } else {
                table.find(keys, count: count, nullsMatch: nullsMatch, into: numbers)
            }
        }
    }

    /// Right rows of a key that has some, ascending.
    @inline(__always)
    func matches(_ key: UInt32) -> UnsafeBufferPointer<UInt32> {
        if let single = singles?.values(UInt32.self) { return UnsafeBufferPointer(start: single + Int(key), count: 1) }
        let start = starts.values(UInt32.self)
        let first = Int(start[Int(key)])
        let end = Int(start[Int(key) + 1])
        return UnsafeBufferPointer(start: rows.values(UInt32.self) + first, count: end - first)
    }

    func markMatched(_ row: UInt32) { matched.values(UInt8.self)[Int(row)] = 1 }

    func unmatchedRows() -> (rows: Buffer, count: Int) {
        let result = Buffer(byteCount: max(16, rowCount * 4))
        var count = 0
        for row in 0..<rowCount where matched.values(UInt8.self)[row] == 0 {
            result.values(UInt32.self)[count] = UInt32(row)
            count += 1
        }
        return (result, count)
    }
}
