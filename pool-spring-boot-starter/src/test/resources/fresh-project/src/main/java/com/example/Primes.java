package com.example;

import io.processpool.ProcessPool;
import java.util.List;
import java.util.stream.LongStream;
import org.springframework.boot.CommandLineRunner;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.autoconfigure.SpringBootApplication;

@SpringBootApplication
public class Primes implements CommandLineRunner {

    private final ProcessPool pool;

    Primes(ProcessPool pool) {
        this.pool = pool;
    }

    @Override
    public void run(String... args) {
        List<Long> counts = pool.map(Primes::countBelow, List.of(1_000L, 10_000L, 100_000L));
        System.out.println("Primes below 1000, 10000, 100000: " + counts);
    }

    static long countBelow(long limit) {
        return LongStream.range(2, limit).filter(Primes::isPrime).count();
    }

    private static boolean isPrime(long n) {
        return LongStream.rangeClosed(2, (long) Math.sqrt(n)).noneMatch(d -> n % d == 0);
    }

    public static void main(String[] args) {
        SpringApplication.run(Primes.class, args);
    }
}
