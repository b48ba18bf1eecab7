import ZLColumnar

/// Sorts rows by keys of few bits: rows are dealt to buckets by the highest bits, and each bucket, which fits the cache, is sorted by the
/// others, the key's rest and the row's number in one word.
///
/// Words differ, since row numbers do, so the result is the one stable order for any number of threads.
/// O(rows * bytes of a key), with one pass over memory that is not in a cache.
struct PackedSort: @unchecked Sendable {  // proof: tasks write disjoint places, and passes follow each other
    private let fields: SortFields
    private let count: Int
    private let threads: Int
    private let stretches: Int
    private let rowBits: UInt64
    private let bucketBits: UInt64
    private let keys: Buffer
    private let words: Buffer

    private static let parallelRows = 1 << 16
    private static let mostBucketBits = 13
    /// Buckets are made to hold about 2^11 rows.
    private static let bucketRowBits = 11
    /// Fewer words are put in order one by one.
    private static let fewWords = 40

    /// Nil where a key and a row's number do not fit a word.
    init?(_ fields: SortFields, count: Int, threads: Int) {
        let rowBits = max(1, Int.bitWidth - (count - 1).leadingZeroBitCount)
        let few = max(0, rowBits - PackedSort.bucketRowBits)
        let bucketBits = max(min(few, 12, fields.bits), fields.bits + rowBits - 64)
        guard bucketBits <= PackedSort.mostBucketBits, count > 0 else { return nil }
        self.fields = fields
        self.count = count
        self.threads = threads
        self.rowBits = UInt64(rowBits)
        self.bucketBits = UInt64(bucketBits)
        stretches = count >= PackedSort.parallelRows ? threads : 1
        keys = Buffer(byteCount: max(16, count * 8))
        words = Buffer(byteCount: max(16, count * 8))
    }

    private var buckets: Int { 1 << Int(bucketBits) }
    /// Bits of a key that a bucket is sorted by.
    private var restBits: UInt64 { UInt64(fields.bits) - bucketBits }

    private func stretch(_ part: Int) -> Range<Int> { count * part / stretches..<count * (part + 1) / stretches }

    /// The row numbers in order; nil where one bucket holds so many rows that the threads could not share the work.
    func order() throws -> Buffer? {
        let places = Buffer(byteCount: stretches * buckets * 8)
        try countKeys(places)
        let starts = place(places)
        if threads > 1, restBits > 0, count >= PackedSort.parallelRows, zip(starts, starts.dropFirst()).contains(where: { $1 - $0 > count / 4 }) {
            return nil
        }
        try deal(places)
        let order = Buffer(byteCount: max(16, count * 4))
        let tasks = min(buckets, 64)
        try WorkerPool.shared.forEach(count: tasks, threads: stretches) { task in
            let counts = Buffer(byteCount: 8 * 256 * 8)
            for bucket in buckets * task / tasks..<buckets * (task + 1) / tasks {
                write(starts[bucket]..<starts[bucket + 1], into: order, counts.values(UInt64.self))
            }
        }
        return order
    }

    private func countKeys(_ places: Buffer) throws {
        try WorkerPool.shared.forEach(count: stretches, threads: stretches) { part in
            let rows = stretch(part)
            let keys = keys.values(UInt64.self) + rows.lowerBound
            fields.fill(keys, rows)
            let counts = places.values(Int.self) + part * buckets
            counts.update(repeating: 0, count: buckets)
            let rest = restBits
            for row in 0..<rows.count { counts[Int(truncatingIfNeeded: keys[row] >> rest)] &+= 1 }
        }
    }

    /// Turns counts into places; the first place of each bucket, and the number of rows.
    private func place(_ places: Buffer) -> [Int] {
        let counts = places.values(Int.self)
        var starts: [Int] = []
        starts.reserveCapacity(buckets + 1)
        var start = 0
        for bucket in 0..<buckets {
            starts.append(start)
            for part in 0..<stretches {
                let index = part * buckets + bucket
                (counts[index], start) = (start, start + counts[index])
            }
        }
        return starts + [count]
    }

    private func deal(_ places: Buffer) throws {
        try WorkerPool.shared.forEach(count: stretches, threads: stretches) { part in
            let places = places.values(Int.self) + part * buckets
            let (keys, target) = (keys.values(UInt64.self), words.values(UInt64.self))
            let (rest, shift) = (restBits, rowBits)
            let mask: UInt64 = (1 << rest) &- 1
            for row in stretch(part) {
                let key = keys[row]
                let bucket = Int(truncatingIfNeeded: key >> rest)
                let place = places[bucket]
                places[bucket] = place &+ 1
                target[place] = (key & mask) << shift | UInt64(truncatingIfNeeded: row)
            }
        }
    }

    /// Sorts the words of a bucket and writes their rows.
    private func write(_ range: Range<Int>, into order: Buffer, _ counts: UnsafeMutablePointer<UInt64>) {
        let size = range.count
        var source = words.values(UInt64.self) + range.lowerBound
        var other = keys.values(UInt64.self) + range.lowerBound
        if restBits > 0 {
            if size <= PackedSort.fewWords { PackedSort.insert(source, size) } else { sort(&source, &other, size, counts) }
        }
        let rows = order.values(UInt32.self) + range.lowerBound
        let mask: UInt64 = (1 << rowBits) &- 1
        for index in 0..<size { rows[index] = UInt32(truncatingIfNeeded: source[index] & mask) }
    }

    private static func insert(_ words: UnsafeMutablePointer<UInt64>, _ size: Int) {
        for index in stride(from: 1, to: size, by: 1) {
            let word = words[index]
            var place = index
            while place > 0, words[place - 1] > word {
                words[place] = words[place - 1]
                place -= 1
            }
            words[place] = word
        }
    }

    /// Stable passes over the bytes of the key's rest, lowest first; bytes that all words share are left out.
    private func sort(
        _ source: inout UnsafeMutablePointer<UInt64>, _ other: inout UnsafeMutablePointer<UInt64>, _ size: Int,
        _ counts: UnsafeMutablePointer<UInt64>
    ) {
        let passes = Int(restBits + 7) / 8
        counts.update(repeating: 0, count: passes * 256)
        for index in 0..<size {
            var rest = source[index] >> rowBits
            for pass in 0..<passes {
                counts[pass &* 256 &+ Int(truncatingIfNeeded: rest & 255)] &+= 1
                rest >>= 8
            }
        }
        for pass in 0..<passes {
            let places = counts + pass * 256
            let shift = rowBits + UInt64(8 * pass)
            if places[Int(truncatingIfNeeded: source[0] >> shift & 255)] == UInt64(size) { continue }
            var start: UInt64 = 0
            for digit in 0..<256 { (places[digit], start) = (start, start &+ places[digit]) }
            let (from, to) = (source, other)
            for index in 0..<size {
                let word = from[index]
                let digit = Int(truncatingIfNeeded: word >> shift & 255)
                let place = places[digit]
                places[digit] = place &+ 1
                to[Int(truncatingIfNeeded: place)] = word
            }
            swap(&source, &other)
        }
    }
}
