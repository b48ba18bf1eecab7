/// Places in the order of values, without putting all of them in order. NaN is the greatest value.
enum OrderStatistics {
    /// Fewer values are put in order one by one.
    private static let insertionLimit = 24

    /// Rearranges `values` so that the value at `place` is the one that sorting would put there, with none greater before it and none
    /// less behind.
    ///
    /// Quickselect (Hoare 1961) with the median of three as pivot; after many poor pivots what is left is sorted.
    ///
    /// - Complexity: O(count) on average, O(count log count) at worst.
    static func select(_ place: Int, of values: UnsafeMutablePointer<Double>, _ count: Int) {
        let numbers = moveNaNsToEnd(values, count)
        guard place < numbers else { return }
        var (low, high) = (0, numbers - 1)
        var patience = 2 * (Int.bitWidth - numbers.leadingZeroBitCount) + 8
        while high - low >= insertionLimit {
            if patience == 0 {
                var rest = UnsafeMutableBufferPointer(start: values + low, count: high - low + 1)
                rest.sort()
                return
            }
            patience -= 1
            let pivot = middle(values[low], values[low + (high - low) / 2], values[high])
            var (left, right) = (low, high)
            while left <= right {
                while values[left] < pivot { left += 1 }
                while values[right] > pivot { right -= 1 }
                if left <= right {
                    (values[left], values[right]) = (values[right], values[left])
                    left += 1
                    right -= 1
                }
            }
            if place <= right { high = right } else if place >= left { low = left } else { return }
        }
        for index in low..<max(low, high) {
            let value = values[index + 1]
            var hole = index + 1
            while hole > low, values[hole - 1] > value {
                values[hole] = values[hole - 1]
                hole -= 1
            }
            values[hole] = value
        }
    }

    /// The values at `place` and behind it in the order of `count` values; `place + 1 < count`.
    static func pair(at place: Int, of values: UnsafeMutablePointer<Double>, _ count: Int) -> (Double, Double) {
        select(place, of: values, count)
        var next = values[place + 1]
        for index in place + 1..<count where values[index] < next || next.isNaN { next = values[index] }
        return (values[place], next)
    }

    /// The number of values that are not NaN.
    private static func moveNaNsToEnd(_ values: UnsafeMutablePointer<Double>, _ count: Int) -> Int {
        var numbers = 0
        for index in 0..<count where !values[index].isNaN {
            (values[numbers], values[index]) = (values[index], values[numbers])
            numbers += 1
        }
        return numbers
    }

    private static func middle(_ a: Double, _ b: Double, _ c: Double) -> Double { max(min(a, b), min(max(a, b), c)) }
}
