import ZLColumnar

/// For each left row the nearest right row in time among those with equal keys.
///
/// The right side is held sorted by (key, time); each left row finds its place from that of the row with its key before it, by a search
/// whose steps double, so that a left side in order of time costs O(1) a row and any other O(log n). Among right rows of equal
/// time the last one in source order counts. A NULL time or key matches nothing.
struct AsofJoin: PhysicalOperator {
    let node: AsofJoinNode
    let left: any PhysicalOperator
    let right: any PhysicalOperator

    var columns: [OutputColumn] { left.columns + right.columns }
    var children: [any PhysicalOperator] { [left, right] }
    var title: String {
        let keys = node.keys.map { "\($0.left) = \($0.right) and " }.joined()
        return "AsofJoin\(node.isLeft ? " LEFT" : "") on \(keys)\(node.leftKey) \(node.comparison.rawValue) \(node.rightKey)"
    }

    func open(_ context: ExecutionContext) throws -> any BatchSource {
        let build = try AsofBuild(node: node, right: right, context)
        let leftLayout = left.layout
        let keys = try PhysicalExpression.all(node.keys.map(\.left), leftLayout)
        let time = try PhysicalExpression(node.leftKey, leftLayout)
        var residual: PhysicalExpression?
        if let condition = node.residual {
            residual = try PhysicalExpression(condition, ColumnLayout(left.columns + right.columns))
        }
        let isLeft = node.isLeft
        return TransformedSource(child: try left.open(context)) { [residual] batch, emit in
            try context.cancellation.check()
            let count = batch.chunk.rowCount
            var vectors: [ColumnVector] = []
            for key in keys { vectors.append(try key.evaluate(batch.chunk)) }
            let times = try time.evaluate(batch.chunk)
            let matches = Buffer(byteCount: max(16, count * 4))
            let match = matches.values(UInt32.self)
            try build.match(batch, vectors, times, residual, into: match)
            let kept = Selection(capacity: count)
            let partners = Selection(capacity: count)
            for row in 0..<count where isLeft || match[row] != ColumnVector.noRow {
                kept.append(UInt32(row))
                partners.append(match[row])
            }
            if kept.count == 0 { return }
            var joined = batch.selecting(kept.rows, count: kept.count)
            joined.chunk.columns += build.columns.map { $0.gather(partners.rows, count: partners.count, allowsMissing: isLeft) }
            try emit(joined)
        }
    }
}

/// The right side of an ASOF join.
final class AsofBuild: Sendable {
    let columns: [ColumnVector]
    private let direction: AsofDirection
    private let isStrict: Bool
    private let tolerance: Value?
    private let timeType: DataType
    private let nullsMatch: [Bool]
    private let table: KeyTable
    /// Rows with a key and a time, sorted by (key, time); those of key k are `starts[k] ..< starts[k + 1]`.
    private let rows: [UInt32]
    private let starts: [Int]
    /// The time's order word, in the order of `rows`.
    private let words: [UInt64]
    private let times: ColumnVector

    init(node: AsofJoinNode, right: any PhysicalOperator, _ context: ExecutionContext) throws {
        let (columns, count) = try right.open(context).columns(context, types: right.types)
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
        let numbers = Buffer(byteCount: max(16, count * 4))
        if keys.isEmpty {
            numbers.zero()
        } else {
            table.insert(keys, count: count, into: numbers.values(UInt32.self))
        }
        let number = numbers.values(UInt32.self)
        let refused = zip(keys, nullsMatch).filter { !$1 }.map(\.0)
        let keyCount = keys.isEmpty ? 1 : table.count
        var starts = [Int](repeating: 0, count: keyCount + 1)
        var members: [UInt32] = []
        members.reserveCapacity(count)
        for row in 0..<count where !times.isNull(row) && !refused.contains(where: { $0.isNull(row) }) {
            members.append(UInt32(row))
            starts[Int(number[row]) + 1] += 1
        }
        for key in 0..<keyCount { starts[key + 1] += starts[key] }
        let order = SortColumn(times, isDescending: false, nullsFirst: false)
        let word = order.words.values(UInt64.self)
        var dealt = [UInt32](repeating: 0, count: members.count)
        var next = starts
        for row in members {
            dealt[next[Int(number[Int(row)])]] = row
            next[Int(number[Int(row)])] += 1
        }
        for key in 0..<keyCount {
            let range = starts[key]..<starts[key + 1]
            let isSorted = range.dropFirst().allSatisfy { word[Int(dealt[$0 - 1])] <= word[Int(dealt[$0])] }
            if !isSorted {
                dealt[range].sort { a, b in word[Int(a)] != word[Int(b)] ? word[Int(a)] < word[Int(b)] : a < b }
            }
        }
        self.columns = columns
        self.table = table
        self.times = times
        self.starts = starts
        words = dealt.map { word[Int($0)] }
        rows = dealt
    }

    /// The right row for each left row of a batch, `ColumnVector.noRow` for none.
    func match(
        _ batch: Batch, _ keys: [ColumnVector], _ leftTimes: ColumnVector, _ residual: PhysicalExpression?,
        into result: UnsafeMutablePointer<UInt32>
    ) throws {
        let count = batch.chunk.rowCount
        let numbers = Buffer(byteCount: max(16, count * 4))
        if keys.isEmpty {
            numbers.zero()
        } else {
            table.find(keys, count: count, nullsMatch: nullsMatch, into: numbers.values(UInt32.self))
        }
        let number = numbers.values(UInt32.self)
        let flat = leftTimes.flattened()
        let nulls = NullMask(flat)
        for row in 0..<count where nulls.isNull(row) { number[row] = ColumnVector.noRow }
        let order = SortColumn(flat, isDescending: false, nullsFirst: false)
        let word = order.words.values(UInt64.self)
        guard residual != nil || tolerance != nil || direction == .nearest else {
            return nearest(number, word, count, into: result)
        }
        for row in 0..<count {
            result[row] = ColumnVector.noRow
            guard number[row] != ColumnVector.noRow else { continue }
            let range = starts[Int(number[row])]..<starts[Int(number[row]) + 1]
            for place in candidates(word[row], flat, row, range) {
                let match = rows[place]
                guard isWithinTolerance(flat, row, Int(match)) else { break }
                if let residual, try !passes(residual, batch, row, match) { continue }
                result[row] = match
                break
            }
        }
    }

    /// Places are remembered from row to row for at most this many keys.
    private static let mostCursors = 1 << 12

    /// The one candidate of each row, where nothing but its time decides.
    private func nearest(
        _ numbers: UnsafePointer<UInt32>, _ word: UnsafePointer<UInt64>, _ count: Int, into result: UnsafeMutablePointer<UInt32>
    ) {
        let isBackward = direction == .backward
        let includingEqual = isBackward ? !isStrict : isStrict
        let cursorCount = min(starts.count, AsofBuild.mostCursors)
        withUnsafeTemporaryAllocation(of: Int32.self, capacity: cursorCount) { cursors in
            cursors.update(repeating: -1)
            words.withUnsafeBufferPointer { words in
                for row in 0..<count {
                    result[row] = ColumnVector.noRow
                    guard numbers[row] != ColumnVector.noRow else { continue }
                    let key = Int(numbers[row])
                    let range = starts[key]..<starts[key + 1]
                    let hint = key < cursorCount ? Int(cursors[key]) : -1
                    let place = AsofBuild.place(of: word[row], words, range, includingEqual, from: hint < 0 ? nil : hint)
                    if key < cursorCount { cursors[key] = Int32(truncatingIfNeeded: place) }
                    if isBackward {
                        if place > range.lowerBound { result[row] = rows[place - 1] }
                    } else if place < range.upperBound {
                        result[row] = rows[place]
                    }
                }
            }
        }
    }

    /// The first place whose time is greater than `word` (or, not including equal ones, at least `word`), looked for from a place on in
    /// steps that double.
    @inline(__always)
    private static func place(
        of word: UInt64, _ words: UnsafeBufferPointer<UInt64>, _ range: Range<Int>, _ includingEqual: Bool, from hint: Int?
    ) -> Int {
        @inline(__always)
        func isBefore(_ place: Int) -> Bool { words[place] < word || (includingEqual && words[place] == word) }
        var low = range.lowerBound
        var high = range.upperBound
        if let hint, range.contains(hint) || hint == range.upperBound {
            if hint < range.upperBound, isBefore(hint) {
                low = hint + 1
                var step = 1
                while low + step < range.upperBound, isBefore(low + step - 1) {
                    low += step
                    step *= 2
                }
                high = min(range.upperBound, low + step)
            } else {
                high = hint
                if hint == range.lowerBound || isBefore(hint - 1) { return hint }
            }
        }
        while low < high {
            let middle = low + (high - low) / 2
            if isBefore(middle) { low = middle + 1 } else { high = middle }
        }
        return low
    }

    /// Places of `rows` to try, best first.
    private func candidates(_ word: UInt64, _ left: ColumnVector, _ row: Int, _ range: Range<Int>) -> AnySequence<Int> {
        switch direction {
        case .backward:
            let end = partition(word, range, includingEqual: !isStrict)
            return AnySequence(stride(from: end - 1, through: range.lowerBound, by: -1))
        case .forward:
            let start = partition(word, range, includingEqual: isStrict)
            return AnySequence(start..<range.upperBound)
        case .nearest:
            let end = partition(word, range, includingEqual: true)
            var before = end - 1
            var after = end
            var order: [Int] = []
            while order.count < 2, before >= range.lowerBound || after < range.upperBound {
                let takesBefore = after >= range.upperBound
                    || (before >= range.lowerBound
                        && distance(left, row, Int(rows[before])) <= distance(left, row, Int(rows[after])))
                order.append(takesBefore ? before : after)
                if takesBefore { before -= 1 } else { after += 1 }
            }
            return AnySequence(order)
        }
    }

    private func partition(_ word: UInt64, _ range: Range<Int>, includingEqual: Bool) -> Int {
        words.withUnsafeBufferPointer { AsofBuild.place(of: word, $0, range, includingEqual, from: nil) }
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
