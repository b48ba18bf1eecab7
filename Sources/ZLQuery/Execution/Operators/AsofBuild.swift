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
    /// Rows with a key and a time, sorted by (key, time); those of key k are `starts[k] ..< starts[k + 1]`. nil where each row is its own.
    private let sorted: Buffer?
    private let starts: [Int]
    /// The time's order word, in the order of `sorted`.
    private let sortedWords: Buffer
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
        let numbers = Buffer(byteCount: max(16, count * 4))
        if keys.isEmpty {
            numbers.zero()
        } else {
            AsofBuild.number(keys, count, table, into: numbers.values(UInt32.self))
        }
        let number = numbers.values(UInt32.self)
        AsofBuild.refuse(times, number, count)
        for (key, matches) in zip(keys, nullsMatch) where !matches { AsofBuild.refuse(key, number, count) }
        let word = SortColumn(times, isDescending: false, nullsFirst: false).words
        self.columns = columns
        self.table = table
        self.times = times
        (starts, sorted, sortedWords) = AsofBuild.sorted(number, word, count, keyCount: keys.isEmpty ? 1 : table.count)
    }

    /// Numbers the keys; entries of a dictionary once each, whether or not they are in use.
    private static func number(_ keys: [ColumnVector], _ count: Int, _ table: KeyTable, into numbers: UnsafeMutablePointer<UInt32>) {
        guard keys.count == 1, keys[0].form == .dictionary, !keys[0].mayHaveNulls, let dictionary = keys[0].dictionary, dictionary.count < count else {
            return table.insert(keys, count: count, into: numbers)
        }
        withUnsafeTemporaryAllocation(of: UInt32.self, capacity: dictionary.count) { entries in
            guard let entry = entries.baseAddress else { return }
            table.insert([dictionary], count: dictionary.count, into: entry)
            let codes = keys[0].codes
            for row in 0..<count { numbers[row] = entry[Int(codes[row])] }
        }
    }

    /// Takes the number of rows whose value is NULL away.
    private static func refuse(_ column: ColumnVector, _ number: UnsafeMutablePointer<UInt32>, _ count: Int) {
        guard column.mayHaveNulls else { return }
        for row in 0..<count where column.isNull(row) { number[row] = ColumnVector.noRow }
    }

    /// Rows with a number by number and word, equal ones in the order they have.
    ///
    /// - Complexity: O(rows) where the rows of each number are in order, O(rows log rows) at worst
    private static func sorted(
        _ number: UnsafePointer<UInt32>, _ words: Buffer, _ count: Int, keyCount: Int
    ) -> (starts: [Int], rows: Buffer?, words: Buffer) {
        let word = words.values(UInt64.self)
        var starts = [Int](repeating: 0, count: keyCount + 1)
        var isSorted = true
        starts.withUnsafeMutableBufferPointer { starts in
            var row = 0
            while row < count {
                let first = row
                row += 1
                while row < count, number[row] == number[first], word[row - 1] <= word[row] { row += 1 }
                if number[first] != ColumnVector.noRow { starts[Int(number[first]) + 1] += row - first }
                isSorted = isSorted && (first == 0 || number[first - 1] < number[first])
            }
            for key in 0..<keyCount { starts[key + 1] += starts[key] }
        }
        // why: rows without a number are the last of rows in order
        if isSorted { return (starts, nil, words) }
        let rows = Buffer(byteCount: max(16, count * 4))
        let sorted = rows.values(UInt32.self)
        var next = starts
        next.withUnsafeMutableBufferPointer { next in
            for row in 0..<count where number[row] != ColumnVector.noRow {
                sorted[next[Int(number[row])]] = UInt32(truncatingIfNeeded: row)
                next[Int(number[row])] += 1
            }
        }
        for key in 0..<keyCount {
            var range = UnsafeMutableBufferPointer(rebasing: UnsafeMutableBufferPointer(start: sorted, count: count)[starts[key]..<starts[key + 1]])
            if range.indices.dropFirst().allSatisfy({ word[Int(range[$0 - 1])] <= word[Int(range[$0])] }) { continue }
            range.sort { a, b in word[Int(a)] != word[Int(b)] ? word[Int(a)] < word[Int(b)] : a < b }
        }
        let inOrder = Buffer(byteCount: max(16, count * 8))
        for place in 0..<starts[keyCount] { inOrder.values(UInt64.self)[place] = word[Int(sorted[place])] }
        return withExtendedLifetime(words) { (starts, rows, inOrder) }
    }

    private func row(at place: Int) -> UInt32 { sorted.map { $0.values(UInt32.self)[place] } ?? UInt32(truncatingIfNeeded: place) }
    private var words: UnsafePointer<UInt64> { UnsafePointer(sortedWords.values(UInt64.self)) }

    /// The number of each left row's key; entries of a dictionary are looked up once where the rows are more.
    private func find(_ keys: [ColumnVector], _ count: Int, into numbers: UnsafeMutablePointer<UInt32>) {
        if keys.isEmpty { return numbers.update(repeating: 0, count: count) }
        guard keys.count == 1, keys[0].form == .dictionary, let dictionary = keys[0].dictionary, dictionary.count < count else {
            return table.find(keys, count: count, nullsMatch: nullsMatch, into: numbers)
        }
        withUnsafeTemporaryAllocation(of: UInt32.self, capacity: dictionary.count + 1) { entries in
            guard let entry = entries.baseAddress else { return }
            table.find([dictionary], count: dictionary.count, nullsMatch: nullsMatch, into: entry)
            table.find([.nulls(dictionary.type, count: 1)], count: 1, nullsMatch: nullsMatch, into: entry + dictionary.count)
            let (codes, nulls) = (keys[0].codes, NullMask(keys[0]))
            guard nulls.mayHaveNulls else {
                for row in 0..<count { numbers[row] = entry[Int(codes[row])] }
                return
            }
            for row in 0..<count { numbers[row] = entry[nulls.isNull(row) ? dictionary.count : Int(codes[row])] }
        }
    }

    /// The right row for each left row of a batch, `ColumnVector.noRow` for none.
    func match(
        _ batch: Batch, _ keys: [ColumnVector], _ leftTimes: ColumnVector, _ residual: PhysicalExpression?,
        into result: UnsafeMutablePointer<UInt32>
    ) throws {
        let count = batch.chunk.rowCount
        let numbers = Buffer(byteCount: max(16, count * 4))
        let number = numbers.values(UInt32.self)
        find(keys, count, into: number)
        let flat = leftTimes.flattened()
        let nulls = NullMask(flat)
        if nulls.mayHaveNulls { for row in 0..<count where nulls.isNull(row) { number[row] = ColumnVector.noRow } }
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
                let match = self.row(at: place)
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
            let words = words
            starts.withUnsafeBufferPointer { starts in
                // why: neighbours mostly have one key, whose range and place are then at hand
                var (key, low, high, cursor) = (ColumnVector.noRow, 0, 0, -1)
                for row in 0..<count {
                    if numbers[row] != key {
                        if key != ColumnVector.noRow, Int(key) < cursorCount { cursors[Int(key)] = Int32(truncatingIfNeeded: cursor) }
                        key = numbers[row]
                        if key != ColumnVector.noRow {
                            (low, high) = (starts[Int(key)], starts[Int(key) + 1])
                            cursor = Int(key) < cursorCount ? Int(cursors[Int(key)]) : -1
                        }
                    }
                    if key == ColumnVector.noRow {
                        result[row] = ColumnVector.noRow
                        continue
                    }
                    cursor = AsofBuild.place(of: word[row], words, low..<high, includingEqual, from: cursor < 0 ? nil : cursor)
                    let place = isBackward ? cursor - 1 : cursor
                    result[row] = place >= low && place < high ? UInt32(truncatingIfNeeded: place) : ColumnVector.noRow
                }
            }
        }
        guard let rows = sorted?.values(UInt32.self) else { return }
        for row in 0..<count where result[row] != ColumnVector.noRow { result[row] = rows[Int(result[row])] }
    }

    /// The first place whose time is greater than `word` (or, not including equal ones, at least `word`), looked for from a place on in
    /// steps that double.
    @inline(__always)
    private static func place(
        of word: UInt64, _ words: UnsafePointer<UInt64>, _ range: Range<Int>, _ includingEqual: Bool, from hint: Int?
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
                        && distance(left, row, Int(self.row(at: before))) <= distance(left, row, Int(self.row(at: after))))
                order.append(takesBefore ? before : after)
                if takesBefore { before -= 1 } else { after += 1 }
            }
            return AnySequence(order)
        }
    }

    private func partition(_ word: UInt64, _ range: Range<Int>, includingEqual: Bool) -> Int {
        AsofBuild.place(of: word, words, range, includingEqual, from: nil)
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
