import type { NextConfig } from "next";

// Set by `make dev`: where /api/* of the platform on this machine is answered.
const api = process.env.FLUX_API_URL;

const config: NextConfig = {
  // Static files only: CloudFront and S3 serve the site, /api/* on the same origin answers it.
  ...(api
    ? { rewrites: async () => [{ source: "/api/:path*", destination: `${api}/api/:path*` }] }
    : { output: "export" }),
  // The build names itself after its inputs, so that equal sources give equal files.
  generateBuildId: () => process.env.FLUX_BUILD_ID ?? "development",
  reactStrictMode: true,
  poweredByHeader: false,
};

export default config;
