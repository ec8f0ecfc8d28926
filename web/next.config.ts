import type { NextConfig } from "next";

const config: NextConfig = {
  // Static files only: CloudFront and S3 serve the site, /api/* on the same origin answers it.
  output: "export",
  // The build names itself after its inputs, so that equal sources give equal files.
  generateBuildId: () => process.env.FLUX_BUILD_ID ?? "development",
  reactStrictMode: true,
  poweredByHeader: false,
};

export default config;
