import Synchronization
import ZLColumnar

/// The right rows of an ASOF join that have a key and a time: those of each key in order of time, equal ones in the order they have.
///
/// Rows that stand like that already, whatever the order of their keys, stay where they are: one pass over labels and times, shared out
/// between the threads, finds it out.
final class AsofRows: Sendable {
    /// The places of each key.
    private let keys: Buffer
    private let keyCount: Int
    /// The row of each place; nil where places are rows.
    private let rows: Buffer?
    /// A whole number in the order of times for each place.
    private let ticks: ColumnVector
    private let idle = Mutex<[Cursors]>([])

    /// Places of a key, and the one that was found last.
    private struct Key {
        var first: UInt32
        var end: UInt32
        var cursor: UInt32
    }

    /// The keys with the places that one task found last, and the block of its last batch.
    private struct Cursors {
        var block: Int
        let keys: Buffer
    }

    /// - Parameters:
    ///   - times: flat; rows where they are NULL have no number
    ///   - keyCount: numbers are below it, or `ColumnVector.noRow`
    init(_ labels: AsofLabels, times: ColumnVector, count: Int, keyCount: Int, _ context: ExecutionContext) throws {
        let ticks = AsofRows.ticks(times)
        keys = Buffer(byteCount: max(16, keyCount * MemoryLayout<Key>.stride))
        keys.zero()
        self.keyCount = keyCount
        if try AsofRows.place(labels, ticks, count, keys.values(Key.self), context) {
            rows = nil
            self.ticks = ticks
        } else {
            let sorted = AsofRows.sorted(labels, ticks, count, keyCount, keys.values(Key.self))
            rows = sorted.rows
            self.ticks = sorted.ticks
        }
    }

    /// Whole numbers in the order of the values of a flat column, any for NULL; 64-bit integers stay as they are.
    static func ticks(_ flat: ColumnVector) -> ColumnVector {
        if flat.physical == .int64 { return flat }
        let words = SortColumn(flat, isDescending: false, nullsFirst: false).words
        let word = words.values(UInt64.self)
        for row in 0..<flat.count { word[row] ^= 1 << 63 }
        return ColumnVector(type: .bigint, count: flat.count, buffer: words)
    }

    // MARK: Rows in order

    private static let rowsPerTask = 1 << 18

    /// Sets the places of keys whose rows stand together in order of time; false where some key's do not.
    private static func place(
        _ labels: AsofLabels, _ ticks: ColumnVector, _ count: Int, _ keys: UnsafeMutablePointer<Key>, _ context: ExecutionContext
    ) throws -> Bool {
        let starts = Buffer(byteCount: max(16, count * 4))
        let tasks = (count + rowsPerTask - 1) / rowsPerTask
        let found = Buffer(byteCount: max(16, tasks * 8))
        try WorkerPool.shared.forEach(count: tasks, threads: context.threads) { task in
            let rows = task * rowsPerTask..<min(count, (task + 1) * rowsPerTask)
            found.values(Int.self)[task] = runs(labels.labels, ticks.values(Int64.self), rows, starts.values(UInt32.self) + rows.lowerBound)
        }
        let (first, length) = (starts.values(UInt32.self), found.values(Int.self))
        var open = ColumnVector.noRow
        for task in 0..<tasks {
            for index in task * rowsPerTask..<task * rowsPerTask + length[task] {
                if open != ColumnVector.noRow { keys[Int(open)].end = first[index] }
                open = labels.number(Int(first[index]))
                guard open != ColumnVector.noRow else { continue }
                // why: a key that was met before ends behind row 0
                if keys[Int(open)].end != 0 { return false }
                keys[Int(open)] = Key(first: first[index], end: 0, cursor: first[index])
            }
        }
        if open != ColumnVector.noRow { keys[Int(open)].end = UInt32(truncatingIfNeeded: count) }
        return true
    }

    /// The rows of a range whose label is not that of the row before, or whose tick is below its; row 0 always. Returns how many.
    private static func runs(
        _ labels: UnsafePointer<UInt32>, _ ticks: UnsafePointer<Int64>, _ rows: Range<Int>, _ starts: UnsafeMutablePointer<UInt32>
    ) -> Int {
        var found = 0
        var row = rows.lowerBound
        if row == 0 {
            starts[0] = 0
            (found, row) = (1, 1)
        }
        let rowsAtOnce = 32
        while row < rows.upperBound {
            let end = min(row + rowsAtOnce, rows.upperBound)
            var breaks: UInt64 = 0
            for next in row..<end {
                breaks |= UInt64(labels[next] ^ labels[next &- 1]) | (ticks[next] < ticks[next &- 1] ? 1 : 0)
            }
            if breaks != 0 {
                for next in row..<end where labels[next] != labels[next &- 1] || ticks[next] < ticks[next &- 1] {
                    starts[found] = UInt32(truncatingIfNeeded: next)
                    found &+= 1
                }
            }
            row = end
        }
        return found
    }

    // MARK: Rows out of order

    /// - Complexity: O(rows) where the rows of each number are in order, O(rows log rows) at worst
    private static func sorted(
        _ labels: AsofLabels, _ ticks: ColumnVector, _ count: Int, _ keyCount: Int, _ keys: UnsafeMutablePointer<Key>
    ) -> (rows: Buffer, ticks: ColumnVector) {
        keys.update(repeating: Key(first: 0, end: 0, cursor: 0), count: keyCount)
        for row in 0..<count {
            let number = labels.number(row)
            if number != ColumnVector.noRow { keys[Int(number)].end += 1 }
        }
        var placed: UInt32 = 0
        for key in 0..<keyCount {
            let size = keys[key].end
            keys[key] = Key(first: placed, end: placed, cursor: placed)
            placed += size
        }
        let (rows, inOrder) = (Buffer(byteCount: max(16, Int(placed) * 4)), Buffer(byteCount: max(16, Int(placed) * 8)))
        let (sorted, tick, target) = (rows.values(UInt32.self), ticks.values(Int64.self), inOrder.values(Int64.self))
        for row in 0..<count {
            let number = labels.number(row)
            guard number != ColumnVector.noRow else { continue }
            sorted[Int(keys[Int(number)].end)] = UInt32(truncatingIfNeeded: row)
            target[Int(keys[Int(number)].end)] = tick[row]
            keys[Int(number)].end += 1
        }
        for key in 0..<keyCount {
            let places = Int(keys[key].first)..<Int(keys[key].end)
            if places.dropFirst().allSatisfy({ target[$0 - 1] <= target[$0] }) { continue }
            var range = UnsafeMutableBufferPointer(start: sorted + places.lowerBound, count: places.count)
            range.sort { a, b in tick[Int(a)] != tick[Int(b)] ? tick[Int(a)] < tick[Int(b)] : a < b }
            for place in places { target[place] = tick[Int(sorted[place])] }
        }
        return withExtendedLifetime(ticks) { (rows, ColumnVector(type: .bigint, count: Int(placed), buffer: inOrder)) }
    }

    // MARK: Look-up

    /// The row that stands at a place.
    func row(at place: Int) -> UInt32 { rows.map { $0.values(UInt32.self)[place] } ?? UInt32(truncatingIfNeeded: place) }

    /// The places of a key.
    func places(of number: UInt32) -> Range<Int> {
        let key = keys.values(Key.self)[Int(number)]
        return Int(key.first)..<Int(key.end)
    }

    /// The first place among some of one key whose tick is greater than `tick` (or, not including equal ones, at least `tick`).
    func place(of tick: Int64, in places: Range<Int>, includingEqual: Bool) -> Int {
        let ticks = ticks.values(Int64.self)
        var (low, high) = (places.lowerBound, places.upperBound)
        while low < high {
            let middle = low + (high - low) / 2
            if ticks[middle] < tick || (includingEqual && ticks[middle] == tick) { low = middle + 1 } else { high = middle }
        }
        return low
    }

    /// For each left row the right row of its key before that place, or not backward the one at it; `ColumnVector.noRow` for none.
    ///
    /// Each key is looked for from the place on that was found last for it, by the batches just before this one if they are known.
    ///
    /// - Complexity: O(log distance) a row from the place before
    func find(
        _ labels: AsofLabels, _ times: UnsafePointer<Int64>, count: Int, block: Int, includingEqual: Bool, isBackward: Bool,
        into result: UnsafeMutablePointer<UInt32>
    ) {
        let cursors = takeCursors(block: block)
        let (keys, ticks) = (cursors.values(Key.self), UnsafePointer(ticks.values(Int64.self)))
        let back: UInt32 = isBackward ? 1 : 0
        var row = 0
        while row < count {
            let label = labels.labels[row]
            let number = labels.number(row)
            if number == ColumnVector.noRow {
                result[row] = ColumnVector.noRow
                row &+= 1
                continue
            }
            let (first, end) = (keys[Int(number)].first, keys[Int(number)].end)
            var cursor = keys[Int(number)].cursor
            repeat {
                cursor = AsofRows.move(cursor, to: times[row], ticks, first, end, includingEqual)
                let place = cursor &- back
                result[row] = place &- first < end &- first ? place : ColumnVector.noRow
                row &+= 1
            } while row < count && labels.labels[row] == label
            keys[Int(number)].cursor = cursor
        }
        idle.withLock { $0.append(Cursors(block: block, keys: cursors)) }
        guard let rows = rows?.values(UInt32.self) else { return }
        for row in 0..<count where result[row] != ColumnVector.noRow { result[row] = rows[Int(result[row])] }
    }

    @inline(__always)
    private static func move(
        _ cursor: UInt32, to tick: Int64, _ ticks: UnsafePointer<Int64>, _ first: UInt32, _ end: UInt32, _ includingEqual: Bool
    ) -> UInt32 {
        if !includingEqual, tick == .min { return first }
        let last = includingEqual ? tick : tick &- 1
        if cursor < end, ticks[Int(cursor)] <= last {
            let next = cursor &+ 1
            return next < end && ticks[Int(next)] <= last ? ascend(next &+ 1, end, ticks, last) : next
        }
        return cursor > first && ticks[Int(cursor &- 1)] > last ? descend(first, cursor &- 1, ticks, last) : cursor
    }

    /// The first place of `low ..< end` whose tick is above `last`, looked for in steps that double.
    private static func ascend(_ low: UInt32, _ end: UInt32, _ ticks: UnsafePointer<Int64>, _ last: Int64) -> UInt32 {
        var (low, step) = (low, 1 as UInt32)
        while step < end &- low, ticks[Int(low &+ step &- 1)] <= last {
            low &+= step
            step = step &<< 1
        }
        return firstAbove(last, low, step < end &- low ? low &+ step : end, ticks)
    }

    /// The first place of `first ..< high` whose tick is above `last`, `high` where none is, looked for downwards.
    private static func descend(_ first: UInt32, _ high: UInt32, _ ticks: UnsafePointer<Int64>, _ last: Int64) -> UInt32 {
        var (high, step) = (high, 1 as UInt32)
        while step < high &- first, ticks[Int(high &- step)] > last {
            high &-= step
            step = step &<< 1
        }
        return firstAbove(last, step < high &- first ? high &- step : first, high, ticks)
    }

    private static func firstAbove(_ last: Int64, _ low: UInt32, _ high: UInt32, _ ticks: UnsafePointer<Int64>) -> UInt32 {
        var (low, high) = (low, high)
        while low < high {
            let middle = low &+ (high &- low) / 2
            if ticks[Int(middle)] <= last { low = middle &+ 1 } else { high = middle }
        }
        return low
    }

    /// Those of the nearest batch before a block that nobody uses, or new ones.
    private func takeCursors(block: Int) -> Buffer {
        let nearest = idle.withLock { idle -> Buffer? in
            let before = idle.indices.filter { idle[$0].block <= block }
            guard let index = before.max(by: { idle[$0].block < idle[$1].block }) ?? idle.indices.last else { return nil }
            return idle.remove(at: index).keys
        }
        if let nearest { return nearest }
        let copy = Buffer(byteCount: max(16, keyCount * MemoryLayout<Key>.stride))
        copy.address.copyMemory(from: keys.address, byteCount: keyCount * MemoryLayout<Key>.stride)
        return copy
    }
}

/// The key of each of some rows: a label, and for each label a number where labels are not numbers themselves.
struct AsofLabels: @unchecked Sendable {  // proof: only read
    let labels: UnsafePointer<UInt32>
    let numbers: UnsafePointer<UInt32>?

    /// `ColumnVector.noRow` for a row that matches nothing.
    @inline(__always)
    func number(_ row: Int) -> UInt32 { numbers.map { $0[Int(labels[row])] } ?? labels[row] }
}
