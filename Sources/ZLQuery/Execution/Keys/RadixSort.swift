import ZLColumnar

/// Sorts row numbers by a 64-bit key each: stable counting passes over bytes, lowest first, each spread over the threads.
///
/// A pass divides the rows into as many stretches as there are threads; every stretch counts its bytes and then writes its rows to places
/// that follow from all counts, so the result is the same for any number of threads. Passes over bytes that all keys share are
/// left out. O(rows * bytes that differ).
struct RadixSort: @unchecked Sendable {  // proof: stretches write disjoint places, and passes follow each other
    private let count: Int
    private let threads: Int
    private var keys: Buffer
    private var rows: Buffer
    private var otherKeys: Buffer
    private var otherRows: Buffer

    private static let digits = 256
    private static let parallelRows = 1 << 16

    /// - Parameters:
    ///   - keys: `count` words, `rows`: `count` UInt32 numbers. Both are written over.
    init(keys: Buffer, rows: Buffer, count: Int, threads: Int) {
        self.keys = keys
        self.rows = rows
        self.count = count
        self.threads = count >= RadixSort.parallelRows ? threads : 1
        otherKeys = Buffer(byteCount: max(16, count * 8))
        otherRows = Buffer(byteCount: max(16, count * 4))
    }

    /// The row numbers in the order of the lowest `bits` bits of their keys.
    mutating func sorted(bits: Int) throws -> Buffer {
        let counts = Buffer(byteCount: threads * RadixSort.digits * 8)
        for shift in stride(from: 0, to: bits, by: 8) {
            try count(shift, counts)
            guard place(counts) else { continue }
            try move(shift, counts)
            swap(&keys, &otherKeys)
            swap(&rows, &otherRows)
        }
        return rows
    }

    private func stretch(_ part: Int) -> Range<Int> { count * part / threads..<count * (part + 1) / threads }

    private func count(_ shift: Int, _ counts: Buffer) throws {
        try WorkerPool.shared.forEach(count: threads, threads: threads) { part in
            let own = counts.values(Int.self) + part * RadixSort.digits
            own.update(repeating: 0, count: RadixSort.digits)
            let words = keys.values(UInt64.self)
            for row in stretch(part) { own[Int(truncatingIfNeeded: words[row] >> UInt64(shift)) & 255] &+= 1 }
        }
    }

    /// Turns counts into places; false where all keys have the same byte.
    private func place(_ counts: Buffer) -> Bool {
        let places = counts.values(Int.self)
        var start = 0
        for digit in 0..<RadixSort.digits {
            let before = start
            for part in 0..<threads {
                let index = part * RadixSort.digits + digit
                (places[index], start) = (start, start + places[index])
            }
            if start - before == count { return false }
        }
        return true
    }

    private func move(_ shift: Int, _ counts: Buffer) throws {
        try WorkerPool.shared.forEach(count: threads, threads: threads) { part in
            let places = counts.values(Int.self) + part * RadixSort.digits
            let (words, numbers) = (keys.values(UInt64.self), rows.values(UInt32.self))
            let (targetWords, targetNumbers) = (otherKeys.values(UInt64.self), otherRows.values(UInt32.self))
            for row in stretch(part) {
                let word = words[row]
                let digit = Int(truncatingIfNeeded: word >> UInt64(shift)) & 255
                let place = places[digit]
                places[digit] = place &+ 1
                targetWords[place] = word
                targetNumbers[place] = numbers[row]
            }
        }
    }
}
