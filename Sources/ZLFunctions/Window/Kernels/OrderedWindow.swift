import Glibc
import ZLColumnar

/// The values of a window in order, for windows that are too wide for a pass over all of them a row. No NaN.
///
/// - Complexity: O(log n) comparisons to find a place; a change moves the values between the place left and the place taken.
struct OrderedWindow {
    private let memory: Buffer
    private let values: UnsafeMutablePointer<Double>
    private(set) var count = 0

    init(capacity: Int) {
        memory = Buffer(byteCount: (capacity + 1) * 8)
        values = memory.values(Double.self)
    }

    subscript(place: Int) -> Double { values[place] }

    /// Number of values below `value`.
    func below(_ value: Double) -> Int {
        var low = 0
        var high = count
        while low < high {
            let middle = (low + high) / 2
            if values[middle] < value { low = middle + 1 } else { high = middle }
        }
        return low
    }

    /// Number of values up to and with `value`.
    func upTo(_ value: Double) -> Int {
        var low = 0
        var high = count
        while low < high {
            let middle = (low + high) / 2
            if values[middle] <= value { low = middle + 1 } else { high = middle }
        }
        return low
    }

    /// Takes `old`, which must be there, out, and puts `new` in; nil for nothing.
    mutating func replace(_ old: Double?, with new: Double?) {
        switch (old, new) {
        case (nil, nil): break
        case (let old?, nil):
            let place = below(old)
            memmove(values + place, values + place + 1, (count - place - 1) * 8)
            count -= 1
        case (nil, let new?):
            let place = upTo(new)
            memmove(values + place + 1, values + place, (count - place) * 8)
            values[place] = new
            count += 1
        case (let old?, let new?):
            let from = below(old)
            let to = upTo(new)
            if from < to {
                memmove(values + from, values + from + 1, (to - from - 1) * 8)
                values[to - 1] = new
            } else {
                memmove(values + to + 1, values + to, (from - to) * 8)
                values[to] = new
            }
        }
    }
}

/// What windows slide over: values with the rows that do not count told apart.
struct SlidingInput {
    let input: FrameInput

    /// The value that a row brings into the order of a window: nil where it does not count, is NaN, or lies outside the partition.
    @inline(__always)
    func ordered(_ row: Int) -> Double? {
        guard input.rows.contains(row), input.counts(row), !input.x[row].isNaN else { return nil }
        return input.x[row]
    }

    /// 1 for rows that count, NaN or not.
    @inline(__always)
    func weight(_ row: Int) -> Int { input.rows.contains(row) && (!input.mayHaveGaps || input.counts(row)) ? 1 : 0 }
}
