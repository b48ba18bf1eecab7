import ZLColumnar

/// The right side of an ASOF join.
final class AsofBuild: Sendable {
    let columns: [ColumnVector]
    private let direction: AsofDirection
    private let isStrict: Bool
    private let tolerance: Value?
    private let timeType: DataType
    private let nullsMatch: [Bool]
    private let table: KeyTable
    private let translations = KeyTranslations()
    private let rows: AsofRows
    private let times: ColumnVector

    init(node: AsofJoinNode, right: any PhysicalOperator, _ context: ExecutionContext) throws {
        let (columns, count) = try right.open(context).columns(context, types: right.types, keepsCodes: true)
        let whole = DataChunk(columns: columns, rowCount: count)
        let layout = right.layout
        timeType = node.rightKey.type
        guard timeType.physical != .string, timeType.physical != .int128, timeType.physical != .interval else {
            throw ZLError.notYet("an ASOF JOIN on a key of type \(timeType)", range: node.rightKey.range)
        }
        var direction = node.direction
        if direction != .nearest {
            direction = node.comparison == .greater || node.comparison == .greaterOrEqual ? .backward : .forward
        }
        self.direction = direction
        isStrict = node.comparison == .greater || node.comparison == .less
        tolerance = node.tolerance
        nullsMatch = node.keys.map(\.nullsEqual)
        let table = KeyTable(types: node.keys.map(\.right.type))
        let times = try PhysicalExpression(node.rightKey, layout).evaluate(whole).flattened()
        let keys = try PhysicalExpression.all(node.keys.map(\.right), layout).map { try $0.evaluate(whole) }
        let refused = zip([times] + keys, [false] + nullsMatch).filter { $0.mayHaveNulls && !$1 }.map(\.0)
        let (labels, translation) = AsofBuild.labels(keys, count, table, refused)
        rows = try withExtendedLifetime((keys, labels, translation)) {
            let known = AsofLabels(
                labels: labels.map { UnsafePointer($0.values(UInt32.self)) } ?? keys[0].codes,
                numbers: translation.map { UnsafePointer($0.values(UInt32.self)) })
            return try AsofRows(known, times: times, count: count, keyCount: keys.isEmpty ? 1 : table.count, context)
        }
        self.columns = columns
        self.table = table
        self.times = times
    }

    /// The number of each row's key, none for rows where some of the columns refused is NULL; or nil, and the numbers of the codes of the
    /// one key.
    private static func labels(
        _ keys: [ColumnVector], _ count: Int, _ table: KeyTable, _ refused: [ColumnVector]
    ) -> (labels: Buffer?, numbers: Buffer?) {
        if keys.count == 1, keys[0].form == .dictionary, !keys[0].mayHaveNulls, refused.isEmpty, let dictionary = keys[0].dictionary,
            dictionary.count < count {
            let entries = Buffer(byteCount: max(16, dictionary.count * 4))
            table.insert([dictionary], count: dictionary.count, into: entries.values(UInt32.self))
            return (nil, entries)
        }
        let numbers = Buffer(byteCount: max(16, count * 4))
        let number = numbers.values(UInt32.self)
        if keys.isEmpty { numbers.zero() } else { table.insert(keys, count: count, into: number) }
        for column in refused {
            for row in 0..<count where column.isNull(row) { number[row] = ColumnVector.noRow }
        }
        return (numbers, nil)
    }

    /// The number of each left row's key; texts of a dictionary are looked up once.
    private func find(_ keys: [ColumnVector], _ count: Int, into numbers: UnsafeMutablePointer<UInt32>) {
        if keys.isEmpty { return numbers.update(repeating: 0, count: count) }
        if keys.count == 1, !nullsMatch[0], let known = translations.numbers(of: keys[0], in: table) {
            return known.translate(keys[0], into: numbers)
        }
        table.find(keys, count: count, nullsMatch: nullsMatch, into: numbers)
    }

    /// The right row for each left row of a batch, `ColumnVector.noRow` for none.
    func match(
        _ batch: Batch, _ keys: [ColumnVector], _ leftTimes: ColumnVector, _ residual: PhysicalExpression?,
        into result: UnsafeMutablePointer<UInt32>
    ) throws {
        let count = batch.chunk.rowCount
        let flat = leftTimes.flattened()
        let ticks = AsofRows.ticks(flat)
        let nulls = NullMask(flat)
        let tick = ticks.values(Int64.self)
        let numbers = Buffer(byteCount: max(16, count * 4))
        let number = numbers.values(UInt32.self)
        let onlyTimeDecides = residual == nil && tolerance == nil && direction != .nearest
        if onlyTimeDecides, !nulls.mayHaveNulls, keys.count == 1, !nullsMatch[0], !keys[0].mayHaveNulls,
            let known = translations.numbers(of: keys[0], in: table) {
            let labels = AsofLabels(labels: keys[0].codes, numbers: known.numberOfCode)
            return withExtendedLifetime((keys, known, ticks)) { nearest(labels, tick, count, batch.block, into: result) }
        }
        find(keys, count, into: number)
        if nulls.mayHaveNulls { for row in 0..<count where nulls.isNull(row) { number[row] = ColumnVector.noRow } }
        if onlyTimeDecides {
            let labels = AsofLabels(labels: number, numbers: nil)
            return withExtendedLifetime((numbers, ticks)) { nearest(labels, tick, count, batch.block, into: result) }
        }
        for row in 0..<count {
            result[row] = ColumnVector.noRow
            guard number[row] != ColumnVector.noRow else { continue }
            for place in candidates(tick[row], flat, row, rows.places(of: number[row])) {
                let match = rows.row(at: place)
                guard isWithinTolerance(flat, row, Int(match)) else { break }
                if let residual, try !passes(residual, batch, row, match) { continue }
                result[row] = match
                break
            }
        }
    }

    /// The one candidate of each row, where nothing but its time decides.
    private func nearest(
        _ labels: AsofLabels, _ tick: UnsafePointer<Int64>, _ count: Int, _ block: Int, into result: UnsafeMutablePointer<UInt32>
    ) {
        let isBackward = direction == .backward
        rows.find(
            labels, tick, count: count, block: block, includingEqual: isBackward ? !isStrict : isStrict, isBackward: isBackward,
            into: result)
    }

    /// Places of `range` to try, best first.
    private func candidates(_ tick: Int64, _ left: ColumnVector, _ row: Int, _ range: Range<Int>) -> AnySequence<Int> {
        switch direction {
        case .backward:
            let end = rows.place(of: tick, in: range, includingEqual: !isStrict)
            return AnySequence(stride(from: end - 1, through: range.lowerBound, by: -1))
        case .forward:
            let start = rows.place(of: tick, in: range, includingEqual: isStrict)
            return AnySequence(start..<range.upperBound)
        case .nearest:
            let end = rows.place(of: tick, in: range, includingEqual: true)
            var before = end - 1
            var after = end
            var order: [Int] = []
            while order.count < 2, before >= range.lowerBound || after < range.upperBound {
                let takesBefore = after >= range.upperBound
                    || (before >= range.lowerBound
                        && distance(left, row, Int(rows.row(at: before))) <= distance(left, row, Int(rows.row(at: after))))
                order.append(takesBefore ? before : after)
                if takesBefore { before -= 1 } else { after += 1 }
            }
            return AnySequence(order)
        }
    }

    /// |left - right| in the key's own unit.
    private func distance(_ left: ColumnVector, _ row: Int, _ right: Int) -> Double {
        switch (left.value(at: row), times.value(at: right)) {
        case (.double(let a), .double(let b)): abs(a - b)
        case (.real(let a), .real(let b)): Double(abs(a - b))
        case (.integer(let a), .integer(let b)), (.decimal(let a), .decimal(let b)): Double(a > b ? a - b : b - a)
        case (.date(let a), .date(let b)): Double(abs(Int64(a) - Int64(b)))
        case (.ticks(let a), .ticks(let b)): Double(a > b ? Int128(a) - Int128(b) : Int128(b) - Int128(a))
        default: .infinity
        }
    }

    private func isWithinTolerance(_ left: ColumnVector, _ row: Int, _ right: Int) -> Bool {
        guard let tolerance else { return true }
        let limit: Double
        switch tolerance {
        case .double(let number): limit = number
        case .integer(let number), .decimal(let number): limit = Double(number)
        case .interval(let interval):
            let microseconds = Double(interval.normalized)
            switch timeType {
            case .timestampNS: limit = microseconds * 1000
            case .date: limit = microseconds / 86_400_000_000
            default: limit = microseconds
            }
        default: return true
        }
        return distance(left, row, right) <= limit
    }

    private func passes(_ residual: PhysicalExpression, _ batch: Batch, _ row: Int, _ match: UInt32) throws -> Bool {
        var pair = PairList()
        pair.append(UInt32(row), match)
        return Selection(whereTrue: try residual.evaluate(pair.join(batch, columns).chunk)).count == 1
    }
}
